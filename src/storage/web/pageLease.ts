import type { Lease, StorageBackend } from '../StorageBackend.js';
import { takeTurn } from '../takeTurn.js';
import { pageRegistry } from './pageRegistry.js';

type RequestLease = NonNullable<StorageBackend['lease']>;

/**
 * Leases among all backend objects of this page, and among tabs where `acrossTabs` gives such a lease: that one is
 * asked for when it is this object's turn in the page. `granted` is waited for before the lease is given.
 */
export function pageLease(
  space: string,
  backend: string,
  acrossTabs: () => RequestLease | undefined = () => undefined,
  granted: () => Promise<void> = async () => {},
): RequestLease {
  return async (key, { signal }) => {
    const endTurn = await takeTurn(pageRegistry().turns, `${space}:${key}`, { signal, backend });
    let lease: Lease | undefined;
    const release = async (): Promise<void> => {
      await lease?.release();
      endTurn();
    };
    try {
      lease = await acrossTabs()?.(key, { signal });
      await granted();
    } catch (error) {
      await release();
      throw error;
    }
    return { signal: lease?.signal ?? new AbortController().signal, release };
  };
}
