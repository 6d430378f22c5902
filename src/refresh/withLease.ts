import { startTimer, withTimeout } from '../async/withTimeout.js';
import { isShelflifeError } from '../errors/isShelflifeError.js';
import { LeaseLostError } from '../errors/LeaseLostError.js';
import { TimeoutError } from '../errors/TimeoutError.js';
import { withoutUserCalls } from '../state/BackendContext.js';
import type { EntryState } from '../state/model.js';
import { concernOf } from '../state/read.js';
import type { Lease } from '../storage/StorageBackend.js';

/** How long a backend may take to give up once its signal has aborted, in milliseconds, at most. */
const grace = 250;

/**
 * Does work while this context alone may refresh an entry, where the backend knows leases. No user is called before
 * the lease is given back. `held`: what the lease is held for even longer, once the work is over, and is not waited for.
 */
export async function withLease<T>(
  entry: EntryState,
  work: () => Promise<T>,
  held: () => Promise<unknown> | undefined,
): Promise<T> {
  const giveBack = await acquireLease(entry);
  return withoutUserCalls(entry.store.context, async () => {
    try {
      return await work();
    } finally {
      const longer = held();
      if (longer) void longer.then(giveBack, giveBack);
      else await giveBack();
    }
  });
}

/**
 * Waits for the lease no longer than storage and the refresh of another context may take. Without it there is no
 * refresh: a retry is cheap, a revoked token family is not.
 */
async function acquireLease(entry: EntryState): Promise<() => Promise<void>> {
  const { store, storageKey } = entry;
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
  try {
    // A backend that gives up in time may know who holds the lease.
    const lease = await withTimeout(waiting, bound + margin, () => late);
    // Whatever is no lease fails here.
    void lease.signal.aborted;
    store.storage.leaseGranted();
    return () => releaseLease(entry, lease);
  } catch (error) {
    waiting.then((granted) => granted.release()).catch(() => {});
    const isLate = controller.signal.aborted && !isShelflifeError(error);
    throw store.storage.leaseRefused(isLate ? late : error, concernOf(entry));
  } finally {
    clearTimeout(timer);
  }
}

async function releaseLease(entry: EntryState, lease: Lease): Promise<void> {
  const { users, storage } = entry.store;
  const isLost = lease.signal.aborted;
  try {
    await storage.serve('release a lease', concernOf(entry), () => lease.release());
  } catch (error) {
    users.report(error);
  }
  if (isLost)
    users.report(new LeaseLostError('The lease was lost during a refresh. It went on.', { key: entry.key }));
}
