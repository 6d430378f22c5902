import type { Credentials, CredentialsInput } from '../credentials/Credentials.js';
import type { ShelflifeError } from '../errors/ShelflifeError.js';
import type { Clock } from '../expiry/Clock.js';
import type { Signal } from '../signals/Signal.js';
import type { StorageBackend } from '../storage/StorageBackend.js';
import type { Codec } from './Codec.js';
import type { CredentialEntry } from './CredentialEntry.js';
import type { Health } from './Health.js';

/** What a store is made with; what is `undefined` is left out. */
export interface CredentialStoreOptions {
  /** Where records are kept. Required: persisting tokens is an explicit choice (RFC 10017 §8). */
  readonly storage: StorageBackend;
  /**
   * Asks the authorization server for new tokens. Gets the stored credentials, also without a `refresh_token`
   * (client credentials), but not with `refresh_token: null`. Throw `RefreshRejectedError` where the user has to
   * sign in again; error codes are found by themselves in what it throws or answers, wherever clients put them.
   */
  readonly refresh?:
    | ((
        credentials: Credentials,
        context: { readonly key: string; readonly signal: AbortSignal },
      ) => Promise<CredentialsInput>)
    | undefined;
  /** Whether `queued`, `expiring` and `expired` start a refresh while an entry is observed; default true. */
  readonly autoRefresh?: boolean | undefined;
  /** Seconds before expiry from which credentials count as expiring, at most half of the lifetime; default 60. */
  readonly leeway?: number | undefined;
  /** `queue` (default): credentials with an unknown expiry are queued for refresh. `trust`: they are fresh. */
  readonly unknownExpiry?: 'queue' | 'trust' | undefined;
  /** How records become text; default superjson. */
  readonly codec?: Codec | undefined;
  /** Keeps several stores apart in one storage; default 'shelflife'. */
  readonly namespace?: string | undefined;
  /** Drives expiry, time left and backoff; default: the host's clock. */
  readonly clock?: Clock | undefined;
  /** Milliseconds; bounds every wait on storage, by the host's own timers; default 10,000. */
  readonly timeout?: number | undefined;
  /** Milliseconds; bounds the `refresh` callback; default 30,000. Waiting for a lease is bounded by both together. */
  readonly refreshTimeout?: number | undefined;
  /**
   * Further error codes of the server that mean "sign in again", beside RFC 6749's and the usual ones: what
   * `error.cause.code` says, as text.
   */
  readonly rejectedCodes?: readonly string[] | undefined;
  /** Takes failures that have no caller to reject to. */
  readonly onError?: ((error: ShelflifeError) => void) | undefined;
}

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
