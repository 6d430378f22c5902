import { RefreshFailedError } from '../errors/RefreshFailedError.js';
import type { ShelflifeError } from '../errors/ShelflifeError.js';
import type { StoredRecord } from '../record/StoredRecord.js';
import { judge, requireTime } from '../state/judge.js';
import type { EntryState, Flight } from '../state/model.js';
import type { Found } from '../state/order.js';
import { readQuietly } from '../state/read.js';
import type { FoundRecord } from './readBetweenWrites.js';
import { refreshUnderLease } from './refreshUnderLease.js';
import { settle } from './settle.js';
import { withLease } from './withLease.js';

/** A refresh from its beginning to where all stores of this context know what it came to. */
export async function fly(entry: EntryState, flight: Flight): Promise<StoredRecord> {
  let base: StoredRecord | undefined;
  let found: Found | undefined;
  let brought: FoundRecord | undefined;
  let error: ShelflifeError | undefined;
  const refresh = (): Promise<FoundRecord> =>
    refreshUnderLease(entry, flight, base, (read) => (found = read));
  try {
    requireTime(entry);
    base = entry.known.isLoaded ? entry.known.record : (await readQuietly(entry)).record;
    // While an answer is late, whoever sent the same refresh token could have the family revoked.
    brought = await withLease(entry, refresh, () => flight.late);
    if (judge(entry, brought.record) === 'expired')
      error = new RefreshFailedError('The refreshed credentials came expired.', { key: entry.key });
  } catch (thrown) {
    error = thrown as ShelflifeError;
  }
  // Nobody is told anything before the lease is back, so that no listener can delay another context.
  await settle(entry, { base, found, brought, error, isRemembered: flight.isRemembered });
  if (error) throw error;
  return brought!.record;
}
