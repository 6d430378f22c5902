import type { Signal } from '../signals/Signal.js';
import type { Health } from '../state/Health.js';
import type { CredentialEntry } from './CredentialEntry.js';

/** Keeps credentials by key. All methods can be passed around unbound. */
export interface CredentialStore {
  /** The entry of a key, 'default' if left out: the same object while anyone holds or observes it. */
  entry(this: void, key?: string): CredentialEntry;
  /** The keys of this namespace, also those of damaged records. */
  keys(this: void): Promise<string[]>;
  /** Deletes everything in this namespace, and nothing else. */
  clear(this: void): Promise<void>;
  /** How the storage is doing. */
  readonly health: Signal<Health>;
  /**
   * Stops timers, waits (within `timeout`) for a running refresh to commit, completes observers and iterators; then
   * pending and later calls reject with `ClosedError`. Also `Symbol.asyncDispose` where the runtime has it.
   */
  close(this: void): Promise<void>;
}
