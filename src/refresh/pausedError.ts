import { RefreshFailedError } from '../errors/RefreshFailedError.js';
import { refreshRetryOf } from '../state/Known.js';
import type { EntryState } from '../state/model.js';
import { pauseLeft } from '../state/Retry.js';

/** The failure with which a server asked to be left alone, as it is told to those who come meanwhile. */
export function pausedError(
  { message, cause }: { readonly message: string; readonly cause?: unknown },
  key: string,
  left: number,
): RefreshFailedError {
  return new RefreshFailedError(message, { cause, key, retryAfter: Math.ceil(left / 1000) });
}

/** That failure, as far as this context knows of it. */
export function knownPause({ known, key, store }: EntryState): RefreshFailedError | undefined {
  const retry = refreshRetryOf(known);
  const left = retry ? pauseLeft(retry, store.clock.now()) : 0;
  return retry?.error && left ? pausedError(retry.error, key, left) : undefined;
}
