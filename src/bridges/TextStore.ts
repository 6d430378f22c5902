import type { MaybePromise } from '../storage/StorageBackend.js';

/** Another library's store, as far as a backend on it goes: it keeps texts, and can't compare before it writes. */
export interface TextStore {
  /** For errors and health. */
  readonly name: string;
  readonly persistent: boolean;
  /** What stands for the store: backends on the same object share leases and hints. */
  readonly identity: object;
  read(key: string): MaybePromise<unknown>;
  write(key: string, value: string): MaybePromise<unknown>;
  remove(key: string): MaybePromise<unknown>;
  /** All keys of the store; left out where it can't tell them. */
  readonly list?: (() => MaybePromise<Iterable<string>>) | undefined;
}
