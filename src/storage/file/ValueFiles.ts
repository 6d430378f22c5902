import { readdir, unlink } from 'node:fs/promises';
import { decodeText } from './decodeText.js';
import { errorCode, unlessMissing } from './errorCode.js';
import { fileNameOf, isHashed, spelledKey, valueNameOf } from './fileNameOf.js';
import type { Lock } from './Lock.js';
import type { Locks } from './Locks.js';
import type { Owner } from './Owner.js';
import type { PrivateDirectory } from './PrivateDirectory.js';
import { readPrivately } from './readPrivately.js';
import { replaceFile } from './replaceFile.js';
import { syncDirectory } from './syncDirectory.js';

const LOCK_WAIT = { milliseconds: 5000 };
const ATTEMPTS = 5;
const OPENED_AT_ONCE = 64;

/** The lock was gone before the commit, as when somebody removes the directory. Nothing was changed. */
class Interrupted extends Error {
  override readonly message = 'the directory was removed again and again';
}

/**
 * The values of a directory. `<name>.json` holds a value, `<name>.damaged` the copy of one that was set aside,
 * `<name>.key` the key where the name does not spell it. Changes are made under `<name>.lock`, reads need no lock.
 */
export class ValueFiles {
  readonly #directory: PrivateDirectory;
  readonly #owner: Owner;
  readonly #locks: Locks;

  constructor(owner: Owner, locks: Locks) {
    this.#directory = owner.directory;
    this.#owner = owner;
    this.#locks = locks;
  }

  async read(key: string): Promise<string | undefined> {
    const name = fileNameOf(key);
    return (await this.#directory.isThere()) ? this.#read(name) : undefined;
  }

  async compareAndSet(key: string, expected: string | undefined, next: string | undefined): Promise<boolean> {
    const name = fileNameOf(key);
    // It would be read back as another value.
    if (next !== undefined && /\p{Surrogate}/u.test(next))
      throw new TypeError('A value must not contain lone surrogates.');
    return this.#locked(name, async (lock) => {
      if ((await this.#read(name)) !== expected) return false;
      if (next === undefined) await this.#remove(name, lock);
      else if (next !== expected) await this.#write(name, key, next, lock);
      return true;
    });
  }

  /** Copies the bytes as they are: what is not text would not survive being decoded. */
  async quarantine(key: string): Promise<void> {
    const name = fileNameOf(key);
    return this.#locked(name, async (lock) => {
      const bytes = await readPrivately(this.#file(name, 'json'));
      if (bytes === undefined) return;
      await this.#replace(name, 'damaged', bytes, lock);
      await syncDirectory(this.#directory.location);
    });
  }

  async keys(prefix: string): Promise<string[]> {
    if (!(await this.#directory.isThere())) return [];
    const files = (await unlessMissing(readdir(this.#directory.location))) ?? [];
    const names = files.map(valueNameOf).filter((name) => name !== undefined);
    const keys: (string | undefined)[] = [];
    while (names.length)
      keys.push(...(await Promise.all(names.splice(-OPENED_AT_ONCE).map((name) => this.keyOf(name)))));
    return keys.filter((key) => key !== undefined).filter((key) => key.startsWith(prefix));
  }

  /** The key of a name; `undefined` where nothing says it. */
  async keyOf(name: string): Promise<string | undefined> {
    if (!isHashed(name)) return spelledKey(name);
    const bytes = await readPrivately(this.#file(name, 'key'));
    const key = bytes && decodeText(bytes);
    return key !== undefined && fileNameOf(key) === name ? key : undefined;
  }

  #file(name: string, kind: 'json' | 'damaged' | 'key'): string {
    return this.#directory.file(`${name}.${kind}`);
  }

  async #read(name: string): Promise<string | undefined> {
    const bytes = await readPrivately(this.#file(name, 'json'));
    return bytes && decodeText(bytes);
  }

  async #write(name: string, key: string, value: string, lock: Lock): Promise<void> {
    // Before the value, so that no value is ever without its key.
    if (isHashed(name) && (await this.keyOf(name)) !== key) await this.#replace(name, 'key', key, lock);
    await this.#replace(name, 'json', value, lock);
    await syncDirectory(this.#directory.location);
  }

  async #remove(name: string, lock: Lock): Promise<void> {
    requireHeld(lock);
    // The copy first: a crash in between leaves the record as it was, and never a copy of one that was deleted.
    for (const kind of ['damaged', 'json', 'key'] as const)
      await unlessMissing(unlink(this.#file(name, kind)));
    await syncDirectory(this.#directory.location);
  }

  #replace(
    name: string,
    kind: 'json' | 'damaged' | 'key',
    content: string | Uint8Array,
    lock: Lock,
  ): Promise<void> {
    const temporary = this.#owner.temporary(lock.identity);
    return replaceFile(this.#file(name, kind), content, temporary, () => requireHeld(lock));
  }

  async #locked<T>(name: string, run: (lock: Lock) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const lock = await this.#locks.acquire(`${name}.lock`, LOCK_WAIT);
      try {
        return await run(lock);
      } catch (error) {
        const removedUnderneath = error instanceof Interrupted || errorCode(error) === 'ENOENT';
        if (!removedUnderneath || attempt === ATTEMPTS) throw error;
      } finally {
        await lock.release();
      }
    }
  }
}

function requireHeld(lock: Lock): void {
  if (!lock.isHeld()) throw new Interrupted();
}
