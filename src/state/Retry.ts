import type { ShelflifeError } from '../errors/ShelflifeError.js';

const firstWait = 1000;
const longestWait = 60_000;

/**
 * What failed (a read, a refresh, the write of a refresh), and when it is tried again by itself. The one backoff of
 * the package: exponential, with full jitter. A `Retry-After` of the server is the least wait.
 */
export interface Retry {
  /** `undefined` where nothing failed, but the outcome calls for another try all the same. */
  readonly error: ShelflifeError | undefined;
  /** How many failed in a row. */
  readonly attempt: number;
  /** Milliseconds since the epoch. */
  readonly failedAt: number;
  /** Milliseconds from then on; Infinity: not again without a change of the record. */
  readonly wait: number;
  /** For how much of that the server asked to be left alone (`Retry-After`, RFC 9110 §10.2.3), in milliseconds. */
  readonly pause: number;
}

/** For how long an error of the server asks to be left alone, in milliseconds. */
export function pauseOf(error: ShelflifeError | undefined): number {
  const { retryAfter } = (error ?? {}) as { readonly retryAfter?: unknown };
  return typeof retryAfter === 'number' && retryAfter > 0 && retryAfter < Infinity ? retryAfter * 1000 : 0;
}

/** The retry of what failed now, and maybe `before`. */
export function nextRetry(error: ShelflifeError | undefined, before: Retry | undefined, now: number): Retry {
  const attempt = (before?.attempt ?? 0) + 1;
  // Whole milliseconds, and never none: hosts fire a delay below one at once.
  const backoff = 1 + Math.floor(Math.random() * Math.min(longestWait, firstWait * 2 ** attempt));
  const pause = pauseOf(error);
  const wait = error?.retryable === false ? Infinity : Math.max(backoff, pause);
  return { error, attempt, failedAt: now, wait, pause };
}

/** When it is tried again: milliseconds since the epoch. */
export function retryAt({ failedAt, wait }: Retry): number {
  return failedAt + wait;
}

/** Whether it is time for another try. So it is where the clock was set back to before the failure. */
export function isDue({ failedAt, wait }: Retry, now: number): boolean {
  return now >= failedAt + wait || now < failedAt;
}

/** For how much longer the server asked to be left alone, in milliseconds. */
export function pauseLeft({ failedAt, pause }: Pick<Retry, 'failedAt' | 'pause'>, now: number): number {
  return now < failedAt ? 0 : Math.max(0, failedAt + pause - now);
}

/** The same after the wall clock was set back by so many milliseconds: nobody waits any longer for that. */
export function afterSetBack(retry: Retry, milliseconds: number): Retry {
  return { ...retry, failedAt: retry.failedAt - milliseconds };
}
