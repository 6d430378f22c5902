import { LeaseLostError } from '../errors/LeaseLostError.js';
import { TimeoutError } from '../errors/TimeoutError.js';
import type { Lease } from '../storage/StorageBackend.js';
import type { EntryState } from '../store/EntryState.js';
import { withTimeout } from '../store/withTimeout.js';

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
  const controller = new AbortController();
  const bound = timeout + refreshTimeout;
  const message = `Another context did not finish its refresh within ${bound} ms. Try again.`;
  const late = new TimeoutError(message, { key, backend: storage.name });
  const abort = (): Error => {
    controller.abort(late);
    return late;
  };
  const waiting = storage.lease(storageKey, { signal: controller.signal });
  let lease: Lease;
  try {
    lease = await withTimeout(waiting, bound, abort).catch((error: unknown) => {
      // The backend may know who holds the lease.
      if (error === late) return withTimeout(waiting, grace, () => late);
      throw error;
    });
  } catch (error) {
    waiting.then((granted) => granted.release()).catch(() => {});
    throw store.storage.failed(error, 'lease', state);
  }
  const lost = (): void => {
    store.report(
      new LeaseLostError('The lease was lost while a refresh was under way. The refresh goes on.', {
        key,
        backend: storage.name,
      }),
    );
  };
  lease.signal.addEventListener('abort', lost);
  return async () => {
    lease.signal.removeEventListener('abort', lost);
    await store.storage
      .run('release a lease', state, () => lease.release())
      .catch((error: unknown) => store.report(error));
  };
}
