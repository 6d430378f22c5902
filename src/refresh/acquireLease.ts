import { isShelflifeError } from '../errors/isShelflifeError.js';
import { LeaseLostError } from '../errors/LeaseLostError.js';
import { TimeoutError } from '../errors/TimeoutError.js';
import type { EntryState } from '../store/EntryState.js';
import { startTimer, withTimeout } from '../store/withTimeout.js';

/** How long a backend may take to give up once its signal has aborted, in milliseconds, at most. */
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
  const total = timeout + refreshTimeout;
  // Whoever waits gives up after the total: what the backend says of the holder has to come before.
  const margin = Math.min(grace, total / 5);
  const bound = total - 2 * margin;
  const late = new TimeoutError(`Another context did not finish its refresh within ${bound} ms. Try again.`);
  const controller = new AbortController();
  const timer = startTimer(() => controller.abort(late), bound);
  const waiting = (async () => storage.lease!(storageKey, { signal: controller.signal }))();
  let loss: LeaseLostError | undefined;
  const lost = (): void => {
    loss = new LeaseLostError('The lease was lost during a refresh. It went on.', { key });
  };
  try {
    // A backend that gives up in time may know who holds the lease.
    const lease = await withTimeout(waiting, bound + margin, () => late);
    store.storage.leaseSettled(undefined);
    const { signal } = lease;
    if (signal.aborted) lost();
    signal.addEventListener('abort', lost);
    return async () => {
      signal.removeEventListener('abort', lost);
      try {
        await store.storage.run('release a lease', state, () => lease.release());
      } catch (error) {
        store.report(error);
      }
      if (loss) store.report(loss);
    };
  } catch (error) {
    waiting.then((granted) => granted.release()).catch(() => {});
    const isLate = controller.signal.aborted && !isShelflifeError(error);
    const failure = store.storage.failed(isLate ? late : error, 'grant a lease', state);
    // A lease that is waited for in vain says nothing of the storage.
    if (!(failure instanceof TimeoutError)) store.storage.leaseSettled(failure);
    throw failure;
  } finally {
    clearTimeout(timer);
  }
}
