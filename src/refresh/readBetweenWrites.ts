import type { StoredRecord } from '../record/StoredRecord.js';
import type { EntryState } from '../state/model.js';
import type { Found } from '../state/order.js';
import { readQuietly } from '../state/read.js';

/** A record that was read or stored, and that nobody has been told of yet. */
export interface FoundRecord extends Found {
  readonly record: StoredRecord;
}

/**
 * Reads the record, to be published later. Never while a write of this context is under way: what it found might be
 * from before, with a refresh token that is spent.
 */
export function readBetweenWrites(entry: EntryState): Promise<Found> {
  return entry.store.context.writes.run(entry.storageKey, async () => readQuietly(entry));
}
