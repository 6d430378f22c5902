import { chmod, realpath, stat } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join, parse } from 'node:path';
import { platform } from 'node:process';
import { StorageUnavailableError } from '../../errors/StorageUnavailableError.js';
import { unlessMissing } from './errorCode.js';
import { makeDirectory } from './makeDirectory.js';
import { BACKEND } from './storageFailure.js';

const STICKY = 0o1000;
const OTHERS = 0o077;
const WRITABLE_BY_OTHERS = 0o022;

/** The directory of a backend, which only its user may enter. */
export class PrivateDirectory {
  /** As it was asked for. */
  readonly path: string;
  #resolved: string | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /** Where it is, symbolic links resolved as they were when it was found. */
  get location(): string {
    return this.#resolved ?? this.path;
  }

  /** The path of a file in it. */
  file(name: string): string {
    return join(this.location, name);
  }

  /** Whether there is something to read. Does not look again where it was found before. */
  async isThere(): Promise<boolean> {
    return this.#resolved !== undefined || (await this.find('read'));
  }

  /** Makes it where it is missing, and private where it is not. */
  async prepare(): Promise<void> {
    if (await this.find('write')) return;
    await makeDirectory(this.path);
    await this.find('write');
  }

  /** Whether it is there; if so, it is made private, or refused if it cannot be. */
  async find(purpose: 'read' | 'write'): Promise<boolean> {
    const resolved = await unlessMissing(realpath(this.path));
    if (resolved === undefined) return false;
    if (platform !== 'win32') await this.#tighten(resolved, purpose);
    this.#resolved = resolved;
    return true;
  }

  async #tighten(resolved: string, purpose: 'read' | 'write'): Promise<void> {
    const status = await stat(resolved);
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
    const shared = [homedir(), tmpdir()].map((place) => realpath(place).catch(() => place));
    const known = [parse(resolved).root, ...(await Promise.all(shared))];
    if (!known.includes(resolved) && !(mode & STICKY)) return;
    throw new StorageUnavailableError(
      `The directory ${this.path} is shared with other programs or users, so it cannot be closed to them. ` +
        'Name a directory that nothing else uses, for example one below it.',
      { backend: BACKEND },
    );
  }
}
