import type { ExpiryStatus } from '../expiry/Expiry.js';
import { statusOf } from '../expiry/expiryOf.js';
import type { StoredRecord } from '../record/StoredRecord.js';
import type { EntryState } from './model.js';

/** The status of a record now, by the options of the entry's store. */
export function judge({ store }: EntryState, { lifetime, mark }: StoredRecord): ExpiryStatus {
  const { leeway, unknownExpiry } = store.options;
  return statusOf(lifetime, store.clock.moment, { leeway, unknownExpiry, mark });
}

/** Whether the access token of a record may be given out. */
export function isUsable(entry: EntryState, record: StoredRecord): boolean {
  const status = judge(entry, record);
  return status === 'fresh' || status === 'expiring';
}

/** @throws {ShelflifeError} where the clock gives no time. */
export function requireTime({ store: { clock } }: EntryState): void {
  clock.now();
  if (clock.error) throw clock.error;
}
