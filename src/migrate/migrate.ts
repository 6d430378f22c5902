import type { Progress } from '../storage/Progress.js';
import type { StorageBackend } from '../storage/StorageBackend.js';
import { moveRecord } from './moveRecord.js';

export type { Progress } from '../storage/Progress.js';

/** What `migrate` is told. */
export interface MigrateOptions {
  readonly from: StorageBackend;
  readonly to: StorageBackend;
  /** Only the keys of the backend that begin with it: `shelflife` for all that stores of this namespace keep. */
  readonly prefix?: string;
  /** Only finds out what could be moved, and writes nothing. */
  readonly dryRun?: boolean;
  /** Called after each key. */
  readonly onProgress?: (progress: Progress) => void;
  /** Ends the work before the next key. What is moved by then stays moved. */
  readonly signal?: AbortSignal;
}

/**
 * Moves records from one backend to another: each is copied, compared, and only then deleted where it was.
 *
 * It can be stopped, killed and repeated at any time: a record is always in one of the two at least. Where the
 * target has another record under a key, both stay, and the key is among the `failed`; so is one that can't be read
 * or written. The backends stay open. Copies of damaged records that a backend has set aside are not moved.
 *
 * @returns how far it came: all of it, unless some failed.
 * @throws {TypeError} where an option is of the wrong type, or both backends are the same.
 * @throws the reason of `signal` where that aborts; the error of `from` where its keys can't be listed.
 * @example
 * ```ts
 * import { localStorageBackend } from 'shelflife/local-storage';
 * import { indexedDBBackend } from 'shelflife/indexeddb';
 * import { migrate } from 'shelflife/migrate';
 *
 * const { failed } = await migrate({ from: localStorageBackend(), to: indexedDBBackend(), prefix: 'shelflife' });
 * ```
 */
export async function migrate(options: MigrateOptions): Promise<Progress> {
  checkOptions(options);
  const { from, to, prefix = '', dryRun = false, onProgress, signal } = options;
  signal?.throwIfAborted();
  const keys: string[] = [];
  for await (const key of await from.keys(prefix)) keys.push(key);

  let done = 0;
  const failed: string[] = [];
  const progress = (): Progress => Object.freeze({ done, total: keys.length, failed: [...failed] });
  for (const key of keys) {
    signal?.throwIfAborted();
    // What could not be read or written stays; the rest is moved all the same.
    const moved = await moveRecord(key, { from, to, dryRun }).catch(() => false);
    if (moved) done += 1;
    else failed.push(key);
    onProgress?.(progress());
  }
  return progress();
}

function checkOptions(options: unknown): void {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError('migrate: `options` must be an object with `from` and `to`.');
  }
  const { from, to, prefix, onProgress, signal } = options as Record<string, unknown>;
  for (const [name, backend] of Object.entries({ from, to })) {
    if (typeof (backend as Partial<StorageBackend> | undefined)?.compareAndSet !== 'function')
      throw new TypeError(`migrate: \`${name}\` must be a storage backend.`);
  }
  if (from === to) throw new TypeError('migrate: `from` and `to` must be two backends.');
  if (prefix !== undefined && typeof prefix !== 'string') {
    throw new TypeError('migrate: `prefix` must be a string.');
  }
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw new TypeError('migrate: `onProgress` must be a function.');
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError('migrate: `signal` must be an AbortSignal.');
  }
}
