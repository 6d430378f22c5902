import type { Credentials, CredentialsInput } from '../credentials/Credentials.js';
import type { ShelflifeError } from '../errors/ShelflifeError.js';
import type { Clock } from '../expiry/Clock.js';
import type { Codec } from '../codec/Codec.js';
import type { StorageBackend } from '../storage/StorageBackend.js';

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
