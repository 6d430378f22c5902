import { chmod, lchown, lstat, mkdir, rename, unlink, utimes } from 'node:fs/promises';
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from './errorCode.js';
import { fence, removeTree } from './fence.js';
import { HeartbeatTimer } from './HeartbeatTimer.js';
import type { Identity } from './Identity.js';
import { ownIdentity } from './ownIdentity.js';
import type { PrivateDirectory } from './PrivateDirectory.js';
import { ID } from './readHolder.js';
import { StagedFile } from './StagedFile.js';

const ATTEMPTS = 5;

/** The owner's directory is gone: somebody took over from it, or removed all. Nothing was changed. */
export class FencedError extends Error {
  override readonly message = 'the directory was removed, or taken over from this process, again and again';
}

/**
 * An owner of locks, one for each backend object: a directory with a file that says who it is. Whatever it
 * changes, it renames out of this directory or into it, so that who takes the directory away stops it for good.
 */
export class Owner {
  readonly directory: PrivateDirectory;
  readonly heartbeat = new HeartbeatTimer(() => this.#touch());
  #identity: Identity | undefined;
  #inode: bigint | undefined;
  #preparing: Promise<Identity> | undefined;
  #places = 0;
  #lastBeat = 0;

  constructor(directory: PrivateDirectory) {
    this.directory = directory;
  }

  /** Who this owner is, with its directory in place. */
  ready(): Promise<Identity> {
    this.#preparing ??= this.#prepareAgain().catch((error: unknown) => {
      this.#preparing = undefined;
      throw error;
    });
    return this.#preparing;
  }

  /** Becomes somebody new, after the directory of this identity was found missing. */
  renew(missing: Identity): void {
    if (this.#identity === missing) this.#identity = this.#preparing = undefined;
  }

  idOf(identity: Identity): string {
    return join(this.#homeOf(identity.nonce), ID);
  }

  /** A new path in the directory of this owner. */
  place(identity: Identity): string {
    return join(this.#homeOf(identity.nonce), String(this.#places++));
  }

  /** Whether a path is a link to the id file. Where it says no, the content may still tell otherwise. */
  isLinkTo(path: string, identity: Identity): boolean {
    if (this.#identity !== identity) return false;
    return lstatSync(path, { bigint: true, throwIfNoEntry: false })?.ino === this.#inode;
  }

  /**
   * Takes a file out of the shared directory and says where it is now; `undefined` if there was none.
   *
   * @throws {FencedError} if the directory of this identity is gone.
   */
  async takeAway(path: string, identity: Identity): Promise<string | undefined> {
    const place = this.place(identity);
    try {
      await rename(path, place);
      return place;
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
      if (this.renewIfGone(identity)) throw new FencedError();
      return undefined;
    }
  }

  /** Becomes somebody new if the directory of this identity is gone, and says whether it is. */
  renewIfGone(identity: Identity): boolean {
    if (lstatSync(this.#homeOf(identity.nonce), { throwIfNoEntry: false })) return false;
    this.renew(identity);
    return true;
  }

  /** Removes the directory. The next use makes a new one. */
  async remove(): Promise<void> {
    this.heartbeat.beat();
    const identity = await this.#preparing?.catch(() => undefined);
    if (identity === undefined) return;
    this.renew(identity);
    await fence(this.directory, identity.nonce).catch(() => undefined);
  }

  #homeOf(nonce: string): string {
    return this.directory.file(`.owner-${nonce}`);
  }

  async #prepareAgain(): Promise<Identity> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#prepare();
      } catch (error) {
        // Somebody may be removing the directory at the same time.
        if (errorCode(error) !== 'ENOENT' || attempt === ATTEMPTS) throw error;
      }
    }
  }

  async #prepare(): Promise<Identity> {
    await this.directory.prepare();
    const identity = ownIdentity();
    const making = this.directory.file(`.temporary-${identity.nonce}`);
    try {
      await makePrivately(making, this.directory);
      const id = join(making, ID);
      await (await StagedFile.write(id, JSON.stringify(identity), this.directory.ownership)).flush();
      this.#inode = (await lstat(id, { bigint: true })).ino;
      // Whole before it has its name: no lock is ever half written.
      await rename(making, this.#homeOf(identity.nonce));
    } catch (error) {
      await removeTree(making).catch(() => undefined);
      throw error;
    }
    this.#identity = identity;
    return identity;
  }

  async #touch(): Promise<void> {
    const identity = this.#identity;
    if (identity === undefined) return;
    // Another one each time, also where the clock stands still or is set back: it is compared, and says no time.
    this.#lastBeat = Math.max(Date.now() / 1000, this.#lastBeat + 1);
    // That the file is missing is found out by whoever uses it next.
    await utimes(this.idOf(identity), this.#lastBeat, this.#lastBeat).catch(() => undefined);
  }
}

/** Makes a directory for this user, or for whom it is made, only. */
export async function makePrivately(path: string, { ownership }: PrivateDirectory): Promise<void> {
  await mkdir(path, 0o700);
  await chmod(path, 0o700);
  if (ownership) await lchown(path, ownership.uid, ownership.gid);
}

/** Removes what was taken away, whenever that happens. */
export function dispose(place: string): void {
  unlink(place).catch(() => removeTree(place).catch(() => undefined));
}
