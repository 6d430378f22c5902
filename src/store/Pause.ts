import { RefreshFailedError } from '../errors/RefreshFailedError.js';
import type { ShelflifeError } from '../errors/ShelflifeError.js';

/** For how long a server asked to be left alone (`Retry-After`, RFC 9110 §10.2.3). */
export interface Pause {
  /** Milliseconds since the epoch. */
  readonly until: number;
  /** How long it was when it began, in milliseconds. */
  readonly wait: number;
}

/** The pause that a failure asks for, if any. */
export function pauseOf(error: ShelflifeError | undefined, now: number): Pause | undefined {
  const { retryAfter } = (error ?? {}) as { readonly retryAfter?: unknown };
  if (typeof retryAfter !== 'number' || !(retryAfter > 0 && retryAfter < Infinity)) return undefined;
  const wait = retryAfter * 1000;
  return { until: now + wait, wait };
}

/** How much of a pause is left, in milliseconds. It is over where the clock was set back to before it began. */
export function leftOf({ until, wait }: Pause, now: number): number {
  const left = until - now;
  return left > 0 && left <= wait ? left : 0;
}

/** The failure that asked for a pause, as it is told to those who come while it runs. */
export function pausedError(
  { message, cause }: { readonly message: string; readonly cause?: unknown },
  key: string,
  left: number,
): RefreshFailedError {
  return new RefreshFailedError(message, { cause, key, retryAfter: Math.ceil(left / 1000) });
}
