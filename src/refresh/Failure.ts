import { RefreshRejectedError } from '../errors/RefreshRejectedError.js';
import type { ShelflifeError } from '../errors/ShelflifeError.js';
import { readMember } from '../errors/summarizeCause.js';

const firstWait = 1000;
const longestWait = 60_000;

/** Exponential backoff with full jitter, in milliseconds. */
export function backoff(attempt: number): number {
  return Math.random() * Math.min(longestWait, firstWait * 2 ** attempt);
}

/** A failed refresh as an entry remembers it: why, how often in a row, and when to try again by itself. */
export interface Failure {
  readonly error: ShelflifeError;
  readonly attempt: number;
  /** Milliseconds since the epoch; Infinity: not without a change of the record. */
  readonly retryAt: number;
}

/** The failure after another one. A `Retry-After` of the server is the least wait. */
export function nextFailure(error: ShelflifeError, before: Failure | undefined, now: number): Failure {
  const attempt = (before?.attempt ?? 0) + 1;
  const retryAfter = Number(readMember(error, 'retryAfter')) || 0;
  const retryAt =
    error instanceof RefreshRejectedError ? Infinity : now + Math.max(backoff(attempt), retryAfter * 1000);
  return { error, attempt, retryAt };
}
