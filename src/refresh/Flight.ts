import type { StoreCore } from '../store/StoreCore.js';
import type { StoredRecord } from '../store/StoredRecord.js';
import type { Committed } from './UncommittedRefresh.js';

/** A refresh under way: at most one in a context per backend object and key. */
export interface Flight {
  /** The store that started it. */
  readonly store: StoreCore;
  promise: Promise<StoredRecord>;
  /** Whether a user asked for it, so that a remembered rejection does not count. */
  readonly isExplicit: boolean;
  /** Whether a caller waits who will hear of a failure. */
  hasCaller: boolean;
  /** Whether its outcome is known to callers, though the lease may not be back yet, or an answer is still to come. */
  isOver: boolean;
  /**
   * What an answer that came too late brings. Rejects where it is no good, or has not come for as long again.
   * Until then nobody in this context sends the same refresh token.
   */
  late?: Promise<StoredRecord>;
  /** What tells the tokens that it set out to refresh: those that were known, then those found under the lease. */
  tokens?: string | undefined;
  /** The record that it found under the lease. */
  found?: Committed;
  /** Whether it only repeated a failure that was remembered. */
  isRemembered: boolean;
  /** Whether the callback has been called and has not answered. */
  isAsking: boolean;
  /** Whether somebody asked for a token meanwhile: perhaps the callback itself, which then waits for itself. */
  isJoinedWhileAsking: boolean;
}
