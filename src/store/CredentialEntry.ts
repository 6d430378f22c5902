import type { Credentials, CredentialsInput } from '../credentials/Credentials.js';
import type { Expiry, ExpiryStatus } from '../expiry/Expiry.js';
import type { Signal } from '../signals/Signal.js';

/** The credentials under one key of a store. All methods can be passed around unbound. */
export interface CredentialEntry {
  readonly key: string;
  /** The stored credentials; `undefined` while absent or loading (then `expiry` says which). */
  readonly credentials: Signal<Credentials | undefined>;
  /** Where the credentials stand. */
  readonly expiry: Signal<Expiry>;
  /**
   * Whole seconds until expiry, rounded up, 0 exactly when expired; `null` without a deadline. Told every `every`
   * milliseconds (default 1000), counted back from the deadline. Equal options give the same signal.
   */
  timeLeft(this: void, options?: { readonly every?: number | undefined }): Signal<number | null>;
  /** Reads storage, and publishes what it read. Rejects with a typed error where it can't be read. */
  get(this: void): Promise<Credentials | undefined>;
  /** Replaces the whole record; resolves once durable. */
  set(this: void, credentials: CredentialsInput): Promise<void>;
  /**
   * Changes the record atomically, as far as the backend's `compareAndSet` is. `change` is synchronous and may run
   * several times; `undefined` deletes; a deeply equal value writes and notifies nothing.
   */
  update(
    this: void,
    change: (current: Credentials | undefined) => CredentialsInput | undefined,
  ): Promise<Credentials | undefined>;
  /** Removes the record, and what was set aside of a damaged one. */
  delete(this: void): Promise<void>;
  /** Refreshes now; calls that overlap share one refresh. Rejects with a typed error, and then nothing stored is altered. */
  refresh(this: void, options?: { readonly signal?: AbortSignal | undefined }): Promise<Credentials>;
  /** An access token that is not known to be expired, refreshed first where needed. */
  getAccessToken(this: void, options?: { readonly signal?: AbortSignal | undefined }): Promise<string>;
  /**
   * Queues the credentials for refresh, after a 401. Pass the token that was refused: where another one is stored
   * by now, nothing happens.
   */
  invalidate(this: void, accessToken?: string): Promise<void>;
  /** Waits for a status. Keeps a Node process alive meanwhile. */
  until(
    this: void,
    status: ExpiryStatus | readonly ExpiryStatus[],
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<Expiry>;
  /**
   * A signal that aborts, with `CredentialsExpiredError`, at the deadline of what is stored now, even if a refresh
   * replaces it, and at once when the session ends, on `invalidate` and on `close`.
   */
  expirySignal(this: void): AbortSignal;
}
