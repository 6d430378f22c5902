import { TimeoutError } from '../../errors/TimeoutError.js';
import type { Lease, StorageBackend } from '../StorageBackend.js';

type RequestLease = NonNullable<StorageBackend['lease']>;

/**
 * Leases on Web Locks: one holder among all tabs and workers of the origin, freed by the browser when the holder dies.
 *
 * Gives a function that gives `lease` where the runtime's locks reach other tabs, and `undefined` where they
 * don't: on insecure pages, in browsers without Web Locks, in Node and Deno (whose locks end at the process), and
 * once the browser has refused a request, as it does in sandboxed frames. A lock is never stolen.
 */
export function webLockLease(space: string, backend: string): () => RequestLease | undefined {
  let refused = false;

  const lease: RequestLease = (key, { signal }) =>
    new Promise<Lease>((resolve, reject) => {
      const lost = new AbortController();
      let granted = false;
      let released = false;
      let giveBack: () => void;
      const held = new Promise<void>((done) => {
        giveBack = done;
      });
      const request = navigator.locks.request(`shelflife:${space}:${key}`, { signal }, () => {
        // The abort may have raced with the grant: then nobody waits for this lock any more.
        if (signal.aborted) return undefined;
        granted = true;
        resolve({
          signal: lost.signal,
          release() {
            released = true;
            giveBack();
            return settled;
          },
        });
        return held;
      });
      const settled = request
        .catch(() => {
          if (granted || signal.aborted) return;
          // Without locks the library works on, and `compareAndSet` still decides.
          refused = true;
          resolve({ signal: new AbortController().signal, release: async () => {} });
        })
        .then(() => {
          if (!released) lost.abort();
          reject(new TimeoutError('Another tab did not finish its refresh in time. Try again.', { backend }));
        });
    });

  // Node and Deno have `navigator.locks` too, but only browsers say `isSecureContext`.
  return () => (!refused && globalThis.isSecureContext && globalThis.navigator?.locks ? lease : undefined);
}
