import { type FileHandle, open, rename, unlink } from 'node:fs/promises';
import { errorCode } from './errorCode.js';
import type { Ownership } from './ownershipIn.js';
import { retryWhileBusy } from './retryWhileBusy.js';

const CANNOT_SAY = ['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP'];

/**
 * A file that is written and has not got its name yet. Readers see the old content or the new one, and so does
 * whoever comes after a crash. The entry in the directory is durable only after `syncDirectory`.
 */
export class StagedFile {
  readonly #path: string;
  readonly #file: FileHandle;

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  static async write(
    path: string,
    content: string | Uint8Array,
    ownership: Ownership | undefined,
  ): Promise<StagedFile> {
    const staged = new StagedFile(path, await retryWhileBusy(() => open(path, 'wx', 0o600)));
    try {
      await Promise.all([staged.#makePrivate(ownership), staged.#file.writeFile(content)]);
      return staged;
    } catch (error) {
      await staged.discard();
      throw error;
    }
  }

  /** Flushes it, and closes it. */
  async flush(): Promise<void> {
    await this.#file.sync();
    await this.#file.close();
  }

  /** Flushes it and gives it its name. */
  async commit(path: string): Promise<void> {
    try {
      await this.flush();
      await retryWhileBusy(() => rename(this.#path, path));
    } catch (error) {
      await this.discard();
      throw error;
    }
  }

  async discard(): Promise<void> {
    await this.#file.close().catch(() => undefined);
    await unlink(this.#path).catch(() => undefined);
  }

  async #makePrivate(ownership: Ownership | undefined): Promise<void> {
    if (ownership) await this.#file.chown(ownership.uid, ownership.gid);
    try {
      // The umask may have taken even the owner's rights away.
      await this.#file.chmod(0o600);
    } catch (error) {
      // A file system such as FAT knows one mode for all files.
      const isPrivate = CANNOT_SAY.includes(errorCode(error)) && !((await this.#file.stat()).mode & 0o077);
      if (!isPrivate) throw error;
    }
  }
}
