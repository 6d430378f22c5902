import { chmod, lstat, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { platform } from 'node:process';
import { ShelflifeError } from '../../errors/ShelflifeError.js';
import { StorageUnavailableError } from '../../errors/StorageUnavailableError.js';
import { unlessMissing } from './errorCode.js';
import { makeDirectory } from './makeDirectory.js';
import { type Ownership, ownershipIn } from './ownershipIn.js';
import { sharedPlaces } from './sharedPlaces.js';
import { BACKEND } from './storageFailure.js';

const STICKY = 0o1000;
const OTHERS = 0o077;
const WRITABLE_BY_OTHERS = 0o022;

function belongsToAnother(path: string, { uid }: Ownership): ShelflifeError {
  return new ShelflifeError(
    `The directory ${path} belongs to the user with id ${uid}, and this program runs as root: it makes files for that user. Run it as that user.`,
    { backend: BACKEND },
  );
}

/** The directory of a backend, which only its user may enter. */
export class PrivateDirectory {
  /** As it was asked for. */
  readonly path: string;
  #resolved: string | undefined;
  #inode: number | undefined;
  #ownership: Ownership | undefined;
  #degraded: ShelflifeError | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /** Where it is, symbolic links resolved as they were when it was found. */
  get location(): string {
    return this.#resolved ?? this.path;
  }

  /** Whose new files are to be: the owner of the directory, where root works in it. */
  get ownership(): Ownership | undefined {
    return this.#ownership;
  }

  /** Why it works with less than it was asked for. */
  get degraded(): ShelflifeError | undefined {
    return this.#degraded;
  }

  /** The path of a file in it. */
  file(name: string): string {
    return join(this.location, name);
  }

  /** Whether there is something to read. Looks again where another directory is in its place now. */
  async isThere(): Promise<boolean> {
    if (this.#resolved === undefined) return this.find('read');
    const status = await unlessMissing(lstat(this.#resolved));
    return status?.ino === this.#inode || this.find('read');
  }

  /** Makes it where it is missing, and private where it is not. */
  async prepare(): Promise<void> {
    if (await this.find('write')) return;
    await makeDirectory(this.path);
    await this.find('write');
  }

  /** Whether it is there; if so, it is made private, or refused if it cannot be. */
  async find(purpose: 'read' | 'write'): Promise<boolean> {
    await this.#refuseReplaced();
    const resolved = await unlessMissing(realpath(this.path));
    if (resolved === undefined) return false;
    const status = await stat(resolved);
    if (platform !== 'win32') await this.#tighten(resolved, status, purpose);
    this.#resolved = resolved;
    this.#inode = status.ino;
    this.#ownership = ownershipIn(status);
    this.#degraded = this.#ownership && (this.#degraded ?? belongsToAnother(this.path, this.#ownership));
    return true;
  }

  /** It may be a link from the beginning. What it led to may not become one. */
  async #refuseReplaced(): Promise<void> {
    if (this.#resolved === undefined) return;
    const status = await unlessMissing(lstat(this.#resolved));
    if (!status?.isSymbolicLink()) return;
    throw new StorageUnavailableError(
      `The directory ${this.path} was replaced by a link while it was in use. ` +
        'Find out who did that, and put the directory back; or start the program again to use what the link leads to.',
      { backend: BACKEND },
    );
  }

  async #tighten(
    resolved: string,
    status: { readonly mode: number; isDirectory(): boolean },
    purpose: 'read' | 'write',
  ): Promise<void> {
    // Whoever uses it will be told.
    if (!status.isDirectory()) return;
    const { mode } = status;
    await this.#refuseShared(resolved, mode);
    if (!(mode & OTHERS)) return;
    try {
      await chmod(resolved, 0o700);
    } catch (cause) {
      if (purpose === 'read' && !(mode & WRITABLE_BY_OTHERS)) return;
      throw new StorageUnavailableError(
        `The directory ${this.path} is open to other users and cannot be closed to them. ` +
          'Remove their access (chmod 700), or name a directory that belongs to this user.',
        { cause, backend: BACKEND },
      );
    }
  }

  async #refuseShared(resolved: string, mode: number): Promise<void> {
    if (!(mode & STICKY) && !(await sharedPlaces(resolved)).includes(resolved)) return;
    throw new StorageUnavailableError(
      `The directory ${this.path} is shared with other programs or users, so it cannot be closed to them. ` +
        'Name a directory that nothing else uses, for example one below it.',
      { backend: BACKEND },
    );
  }
}
