import type { StoredRecord } from '../store/StoredRecord.js';

/** A refresh under way: at most one in a context per backend object and key. */
export interface Flight {
  promise: Promise<StoredRecord>;
  /** Whether a user asked for it, so that a remembered rejection does not count. */
  readonly isExplicit: boolean;
  /** Whether a caller waits who will hear of a failure. */
  hasCaller: boolean;
  /** Whether its outcome is known, though the lease may not be back yet. */
  isOver: boolean;
  /** Settles once an answer that came too late is dealt with, or it has not come for as long again. */
  lateAnswer?: Promise<unknown>;
  /** Whether it only repeated a rejection that was remembered. */
  isRemembered: boolean;
}
