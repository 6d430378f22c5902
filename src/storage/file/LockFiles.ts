import { link, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from './errorCode.js';
import { removeTree } from './fence.js';
import type { Identity } from './Identity.js';
import { FencedError, makePrivately, type Owner } from './Owner.js';
import { ID } from './readHolder.js';
import { StagedFile } from './StagedFile.js';

const IS_TAKEN = ['EEXIST', 'ENOTEMPTY', 'ENOTDIR', 'EISDIR'];
const TOO_MANY_LINKS = 'EMLINK';
const NO_HARD_LINKS = [
  'EPERM',
  'EACCES',
  'ENOTSUP',
  'ENOSYS',
  'EOPNOTSUPP',
  'EXDEV',
  'EINVAL',
  TOO_MANY_LINKS,
];

/**
 * Makes locks: hard links to the owner's id file, where the file system has those, and directories with a copy of
 * it elsewhere. Either appears whole or not at all, and never in the place of another.
 */
export class LockFiles {
  readonly #owner: Owner;
  #hasLinks = true;

  constructor(owner: Owner) {
    this.#owner = owner;
  }

  /**
   * Puts a lock in its place; says whether that was free.
   *
   * @throws {FencedError} if the directory of this identity is gone.
   */
  async put(path: string, identity: Identity): Promise<boolean> {
    try {
      return this.#hasLinks ? await this.#link(path, identity) : await this.#move(path, identity);
    } catch (error) {
      if (IS_TAKEN.includes(errorCode(error))) return false;
      if (errorCode(error) !== 'ENOENT') throw error;
      this.#owner.renew(identity);
      throw new FencedError();
    }
  }

  async #link(path: string, identity: Identity): Promise<boolean> {
    try {
      await link(this.#owner.idOf(identity), path);
      return true;
    } catch (error) {
      const code = errorCode(error);
      if (!NO_HARD_LINKS.includes(code)) throw error;
      const isTaken = !(await this.#move(path, identity));
      this.#hasLinks = code === TOO_MANY_LINKS;
      return !isTaken;
    }
  }

  /** A rename never replaces a directory in which something is. */
  async #move(path: string, identity: Identity): Promise<boolean> {
    const { directory } = this.#owner;
    const filled = this.#owner.place(identity);
    try {
      await makePrivately(filled, directory);
      const copy = await StagedFile.write(join(filled, ID), JSON.stringify(identity), directory.ownership);
      await copy.flush();
      await rename(filled, path);
      return true;
    } catch (error) {
      await removeTree(filled).catch(() => undefined);
      throw error;
    }
  }
}
