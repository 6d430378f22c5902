import { readdir, rename } from 'node:fs/promises';
import { decodeText } from './decodeText.js';
import { deleteWithoutRoom } from './deleteWithoutRoom.js';
import { errorCode, unlessMissing } from './errorCode.js';
import { removeTree } from './fence.js';
import { fileNameOf, isHashed, isNameOf, spelledKey, valueNameOf } from './fileNameOf.js';
import { findStored, namesOf, type Stored, unlessNoRecord } from './findStored.js';
import type { Lock } from './Lock.js';
import type { Locks } from './Locks.js';
import { FencedError, type Owner } from './Owner.js';
import type { PrivateDirectory } from './PrivateDirectory.js';
import { readPrivately } from './readPrivately.js';
import { fileSlots } from './Slots.js';
import { StagedFile } from './StagedFile.js';
import { isFull } from './storageFailure.js';
import { syncDirectory } from './syncDirectory.js';

const LOCK_WAIT = { milliseconds: 5000 };
const ATTEMPTS = 5;
const KINDS = ['damaged', 'json', 'key'] as const;

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
    const names = namesOf(key);
    if (!(await this.#directory.isThere())) return undefined;
    return fileSlots.run(async () => {
      for (const name of names) {
        const bytes = await readPrivately(this.#file(name, 'json'));
        if (bytes) return decodeText(bytes);
      }
      return undefined;
    });
  }

  async compareAndSet(key: string, expected: string | undefined, next: string | undefined): Promise<boolean> {
    // It would be read back as another value.
    if (next !== undefined && /\p{Surrogate}/u.test(next))
      throw new TypeError('A value must not contain lone surrogates.');
    try {
      return await this.#locked(key, (lock) => this.#change(key, expected, next, lock));
    } catch (error) {
      if (next !== undefined || !isFull(error)) throw error;
      return deleteWithoutRoom(this.#directory, this.#locks, namesOf(key), expected);
    }
  }

  /** Copies the bytes as they are: what is not text would not survive being decoded. */
  async quarantine(key: string): Promise<void> {
    return this.#locked(key, async (lock) => {
      for (const name of namesOf(key)) {
        const bytes = await readPrivately(this.#file(name, 'json')).catch(unlessNoRecord);
        if (bytes === undefined) continue;
        await (await this.#stage(bytes, lock)).commit(this.#file(fileNameOf(key), 'damaged'));
        return syncDirectory(this.#directory.location);
      }
    });
  }

  async keys(prefix: string): Promise<string[]> {
    if (!(await this.#directory.isThere())) return [];
    const files = (await unlessMissing(readdir(this.#directory.location))) ?? [];
    const names = files.map(valueNameOf).filter((name) => name !== undefined);
    const keys = new Set(await Promise.all(names.map((name) => this.keyOf(name))));
    return [...keys].filter((key) => key !== undefined).filter((key) => key.startsWith(prefix));
  }

  /** The key of a name; `undefined` where nothing says it. */
  async keyOf(name: string): Promise<string | undefined> {
    if (!isHashed(name)) return spelledKey(name);
    return fileSlots.run(() => this.#spelled(name));
  }

  async #spelled(name: string): Promise<string | undefined> {
    const bytes = await readPrivately(this.#file(name, 'key')).catch(unlessNoRecord);
    const key = bytes && decodeText(bytes);
    return key !== undefined && isNameOf(name, key) ? key : undefined;
  }

  #file(name: string, kind: (typeof KINDS)[number]): string {
    return this.#directory.file(`${name}.${kind}`);
  }

  async #change(
    key: string,
    expected: string | undefined,
    next: string | undefined,
    lock: Lock,
  ): Promise<boolean> {
    const isNew = next !== undefined && next !== expected;
    // Side by side: most comparisons succeed.
    const [found, staged] = await Promise.allSettled([
      findStored(this.#directory, key),
      isNew ? this.#stage(next, lock) : undefined,
    ]);
    const file = staged.status === 'fulfilled' ? staged.value : undefined;
    if (found.status === 'rejected' || found.value.text !== expected) {
      await file?.discard();
      if (found.status === 'rejected') throw found.reason;
      return false;
    }
    if (staged.status === 'rejected') throw staged.reason;
    if (file) await this.#write(key, found.value, file, lock);
    else if (next === undefined) await this.#remove(key, lock);
    return true;
  }

  async #write(key: string, replaced: Stored, file: StagedFile, lock: Lock): Promise<void> {
    const name = fileNameOf(key);
    try {
      if (replaced.isInTheWay) await this.#putAside(key, replaced.name, lock);
      // Before the value, so that no value is ever without its key.
      if (isHashed(name) && (await this.#spelled(name)) !== key)
        await (await this.#stage(key, lock)).commit(this.#file(name, 'key'));
    } catch (error) {
      await file.discard();
      throw error;
    }
    await file.commit(this.#file(name, 'json'));
    if (replaced.name !== name) await this.#takeAway(replaced.name, ['json', 'key'], lock);
    // The others need not wait for the flush: whoever writes on top of this value flushes it too.
    await Promise.all([syncDirectory(this.#directory.location), lock.release()]);
  }

  async #remove(key: string, lock: Lock): Promise<void> {
    // The copies first: a crash in between leaves the record as it was, and never a copy of one that was deleted.
    // The old name before the one that hides it.
    const names = namesOf(key).toReversed();
    for (const name of names) await this.#takeAway(name, ['damaged'], lock);
    for (const name of names) await this.#takeAway(name, isHashed(name) ? ['json', 'key'] : ['json'], lock);
    await Promise.all([syncDirectory(this.#directory.location), lock.release()]);
  }

  /** Makes a copy of what is no record, as far as it can be kept, and frees its name. */
  async #putAside(key: string, name: string, lock: Lock): Promise<void> {
    await this.#takeAway(fileNameOf(key), ['damaged'], lock);
    const place = await this.#owner.takeAway(this.#file(name, 'json'), lock.identity);
    if (place) await rename(place, this.#file(fileNameOf(key), 'damaged'));
  }

  async #takeAway(name: string, kinds: readonly (typeof KINDS)[number][], lock: Lock): Promise<void> {
    for (const kind of kinds) {
      const place = await this.#owner.takeAway(this.#file(name, kind), lock.identity);
      if (place) await removeTree(place);
    }
  }

  #stage(content: string | Uint8Array, lock: Lock): Promise<StagedFile> {
    return StagedFile.write(this.#owner.place(lock.identity), content, this.#directory.ownership);
  }

  async #locked<T>(key: string, run: (lock: Lock) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const lock = await this.#locks.acquire(`${fileNameOf(key)}.lock`, LOCK_WAIT);
      try {
        return await fileSlots.run(() => run(lock));
      } catch (error) {
        const isGone = error instanceof FencedError || errorCode(error) === 'ENOENT';
        if (!isGone || attempt === ATTEMPTS) throw error;
        this.#owner.renewIfGone(lock.identity);
      } finally {
        await lock.release();
      }
    }
  }
}
