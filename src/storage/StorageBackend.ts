import type { ShelflifeError } from '../errors/ShelflifeError.js';

/** A value, or the promise of one. */
export type MaybePromise<T> = T | Promise<T>;

/** The right to refresh one key, held by one context at a time. */
export interface Lease {
  /** Aborted when the lease is lost. */
  readonly signal: AbortSignal;
  /** Gives the lease back; a second call does nothing. */
  release(): Promise<void>;
}

/**
 * Where records are kept: three methods make a backend.
 *
 * Values are opaque strings, each different from every earlier one under its key, so comparing them is enough
 * to notice any change. Check your own backend with `testBackend` from `shelflife/testing`.
 *
 * @example
 * ```ts
 * const values = new Map<string, string>();
 * const backend: StorageBackend = {
 *   name: 'map',
 *   scope: 'context',
 *   persistent: false,
 *   get: (key) => values.get(key),
 *   compareAndSet(key, expected, next) {
 *     if (values.get(key) !== expected) return false;
 *     if (next === undefined) values.delete(key);
 *     else values.set(key, next);
 *     return true;
 *   },
 *   keys: (prefix) => [...values.keys()].filter((key) => key.startsWith(prefix)),
 * };
 * ```
 */
export interface StorageBackend {
  /** For errors and health: 'indexeddb', 'file', … */
  readonly name: string;
  /** As far as `compareAndSet` is atomic; may be a getter. */
  readonly scope: 'context' | 'process' | 'origin' | 'host' | 'cluster';
  /** Whether values survive the end of the context; may be a getter. */
  readonly persistent: boolean;
  /**
   * Whether it works with less than asked just now, or why, as `health` tells: no lock across tabs, another layer that
   * serves. May be a getter; a wrapper passes it on. Where it is left out, a persistent backend without `lease` counts
   * as degraded.
   */
  readonly degraded?: boolean | ShelflifeError | undefined;
  /** Reads the value under a key. A failure to read rejects; it is never "absent". */
  get(key: string): MaybePromise<string | undefined>;
  /** Writes `next` only if the stored value is `expected` (`undefined`: absent, or delete). Resolves once durable. */
  compareAndSet(key: string, expected: string | undefined, next: string | undefined): MaybePromise<boolean>;
  /** Lists the whole keys that begin with a prefix. */
  keys(prefix: string): MaybePromise<Iterable<string>> | AsyncIterable<string>;
  /** Tells of changes made elsewhere: a hint to read again, maybe late, doubled or missing, never with a value. */
  subscribe?(listener: (key: string | undefined) => void): () => void;
  /** Waits for the right to refresh a key. Economy, not correctness: one refresh at a time. */
  lease?(key: string, options: { signal: AbortSignal }): Promise<Lease>;
  /** Copies the stored bytes aside, at most one copy a key, hidden from `keys()`. Deleting the key removes the copy too. */
  quarantine?(key: string): MaybePromise<void>;
  /** Releases what the backend holds. It may be used again afterwards. */
  close?(): MaybePromise<void>;
}
