import { ClosedError } from '../errors/ClosedError.js';
import type { ShelflifeError } from '../errors/ShelflifeError.js';
import { haveSameTokens, type StoredRecord } from '../record/StoredRecord.js';
import { entriesOf, slotOf } from '../state/BackendContext.js';
import { judge } from '../state/judge.js';
import { afterRefreshFailure, afterRefreshSuccess, type Known, whileRefreshing } from '../state/Known.js';
import type { EntryState } from '../state/model.js';
import type { Found } from '../state/order.js';
import { publishFound } from '../state/read.js';
import type { FoundRecord } from './readBetweenWrites.js';

/** What a refresh came to. */
export interface Outcome {
  /** What was known when it began. */
  readonly base: StoredRecord | undefined;
  /** What was stored when the lease was had. */
  readonly found: Found | undefined;
  /** The record that it stored or adopted. */
  readonly brought: FoundRecord | undefined;
  readonly error: ShelflifeError | undefined;
  /** Whether it only repeated a failure that was remembered. */
  readonly isRemembered: boolean;
}

/**
 * Makes known to all stores of this context what a refresh came to. The verdict comes first, the record second: told
 * the other way round, an entry would start the next refresh in between.
 */
export async function settle(entry: EntryState, outcome: Outcome): Promise<void> {
  const slot = slotOf(entry);
  const { brought, found } = outcome;
  if (brought) {
    for (const each of entriesOf(slot)) each.known = afterBrought(each, brought.record, outcome);
    await publishFound(brought);
    return;
  }
  // What failed is a refresh of this record, which others may have stored unheard.
  if (found && entriesOf(slot).some(({ known }) => !haveSameTokens(known.record, found.record)))
    await publishFound(found);
  for (const each of entriesOf(slot)) each.known = afterFailure(each, outcome);
}

/** One that brought no fresh record counts as a failure for the next try. */
function afterBrought(entry: EntryState, record: StoredRecord, { error }: Outcome): Known {
  const { known, store } = entry;
  if (judge(entry, record) === 'fresh') return afterRefreshSuccess(known);
  return afterRefreshFailure(known, record, error, false, store.clock.now());
}

function afterFailure(entry: EntryState, { base, found, error, isRemembered }: Outcome): Known {
  const { known, store } = entry;
  const about = known.record ?? base;
  const isOvertaken =
    found && known.number > found.begun.number && !haveSameTokens(known.record, found.record);
  // That one store was closed is no failure for the others.
  if (isOvertaken || !about || error instanceof ClosedError) return whileRefreshing(known, false);
  return afterRefreshFailure(known, about, error, isRemembered, store.clock.now());
}
