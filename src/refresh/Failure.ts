import { RefreshRejectedError } from '../errors/RefreshRejectedError.js';
import type { ShelflifeError } from '../errors/ShelflifeError.js';

const firstWait = 1000;
const longestWait = 60_000;

/** Exponential backoff with full jitter, in whole milliseconds: hosts fire a delay below one at once. */
export function backoff(attempt: number): number {
  return 1 + Math.floor(Math.random() * Math.min(longestWait, firstWait * 2 ** attempt));
}

/** A failed refresh as an entry remembers it. */
export class Failure {
  readonly error: ShelflifeError;
  /** How many failed in a row. */
  readonly attempt: number;
  /** When it is tried again by itself, milliseconds since the epoch; Infinity: not without a change of the record. */
  retryAt: number;

  /** A `Retry-After` of the server is the least wait. */
  constructor(error: ShelflifeError, before: Failure | undefined, now: number) {
    const { retryAfter = 0 } = error as { readonly retryAfter?: number };
    this.error = error;
    this.attempt = (before?.attempt ?? 0) + 1;
    this.retryAt =
      error instanceof RefreshRejectedError
        ? Infinity
        : now + Math.max(backoff(this.attempt), retryAfter * 1000);
  }
}
