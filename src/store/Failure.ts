import type { ShelflifeError } from '../errors/ShelflifeError.js';

const firstWait = 1000;
const longestWait = 60_000;

/**
 * What failed, and when it is to be tried again by itself: a read, a refresh or the write of a refresh. Exponential
 * backoff with full jitter; a `Retry-After` of the server is the least wait.
 */
export class Failure {
  /** `undefined` where nothing failed, but the outcome calls for another try all the same. */
  readonly error: ShelflifeError | undefined;
  /** How many failed in a row. */
  readonly attempt: number;
  /** Milliseconds; Infinity: not again without a change of the record. */
  readonly #wait: number;
  /** Milliseconds since the epoch. */
  retryAt: number;

  constructor(error: ShelflifeError | undefined, before: Failure | undefined, now: number) {
    const { retryAfter = 0, retryable = true } = (error ?? {}) as Partial<ShelflifeError> & {
      readonly retryAfter?: number;
    };
    this.error = error;
    this.attempt = (before?.attempt ?? 0) + 1;
    // Whole milliseconds, and never none: hosts fire a delay below one at once.
    const backoff = 1 + Math.floor(Math.random() * Math.min(longestWait, firstWait * 2 ** this.attempt));
    this.#wait = retryable ? Math.max(backoff, retryAfter * 1000) : Infinity;
    this.retryAt = now + this.#wait;
  }

  /** Whether it is time for another try. So it is where the clock was set back to before the failure. */
  isDue(now: number): boolean {
    return now >= this.retryAt || this.retryAt - now > this.#wait;
  }
}
