import { TimeoutError } from '../../errors/TimeoutError.js';
import type { Identity } from './Identity.js';
import { BACKEND } from './storageFailure.js';

/** The error of a wait for a lock that was in vain: it says who holds the lock, where that is known. */
export function lockTimeout(
  kind: string | undefined,
  directory: string,
  holder: Identity | undefined,
): TimeoutError {
  const what = kind === 'lease' ? 'the lease to refresh' : 'the lock to write';
  const who = holder ? `it is held by process ${holder.pid}` : 'it is held by an unknown process';
  return new TimeoutError(`Waited in vain for ${what} a credential in ${directory}: ${who}.`, {
    backend: BACKEND,
  });
}
