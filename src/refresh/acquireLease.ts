import { LeaseLostError } from '../errors/LeaseLostError.js';
import { TimeoutError } from '../errors/TimeoutError.js';
import type { Lease } from '../storage/StorageBackend.js';
import type { EntryState } from '../store/EntryState.js';
import { longestDelay, withTimeout } from '../store/withTimeout.js';

/** How long a backend may take to give up once its signal has aborted, in milliseconds. */
const grace = 250;

/**
 * Waits for the right to refresh an entry, where the backend knows leases; no longer than storage and the refresh
 * of another context may take. Returns a function that gives it back.
 *
 * Without the lease there is no refresh: a retry is cheap, a revoked token family is not.
 */
export async function acquireLease(state: EntryState): Promise<() => Promise<void>> {
  const { store, key, storageKey } = state;
  const { storage, timeout, refreshTimeout } = store.options;
  if (!storage.lease) return async () => {};
  const bound = timeout + refreshTimeout;
  const late = new TimeoutError(`Another context did not finish its refresh within ${bound} ms. Try again.`);
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(late), Math.min(bound, longestDelay));
  const waiting = (async () => storage.lease!(storageKey, { signal: controller.signal }))();
  let lease: Lease;
  try {
    // A backend that gives up in time may know who holds the lease.
    lease = await withTimeout(waiting, bound + grace, () => late);
  } catch (error) {
    waiting.then((granted) => granted.release()).catch(() => {});
    throw store.storage.failed(error, 'grant a lease', state);
  } finally {
    clearTimeout(timer);
  }
  const lost = (): void => {
    store.reportNow(new LeaseLostError('The lease was lost during a refresh. It goes on.', { key }));
  };
  if (lease.signal.aborted) lost();
  lease.signal.addEventListener('abort', lost);
  return async () => {
    lease.signal.removeEventListener('abort', lost);
    await store.storage
      .run('release a lease', state, () => lease.release())
      .catch((error: unknown) => store.report(error));
  };
}
