import type { Credentials } from '../credentials/Credentials.js';
import { ConflictError } from '../errors/ConflictError.js';
import type { StoredRecord } from '../record/StoredRecord.js';
import { isAbout, toUnsavedRefresh, type UnsavedRefresh } from '../record/UnsavedRefresh.js';
import { slotOf } from '../state/BackendContext.js';
import { isUsable } from '../state/judge.js';
import type { EntryState, Slot } from '../state/model.js';
import { publishAll } from '../state/publish.js';
import { publishFound } from '../state/read.js';
import { setUnsaved } from '../state/unsaved.js';
import { commitRefreshed } from '../state/write.js';
import type { FoundRecord } from './readBetweenWrites.js';

/**
 * Stores the answer to a refresh of a record that was found. Until it is stored it is served from memory.
 *
 * @throws {ConflictError} where the record is gone, or other tokens are stored that are no good.
 * @throws the storage's error where it can't be written; then it stays in memory, and is tried again.
 */
export function saveAnswer(
  entry: EntryState,
  { record }: FoundRecord,
  answer: Credentials,
): Promise<FoundRecord> {
  const { unsaved: waiting } = slotOf(entry);
  const before = waiting && isAbout(waiting, record) ? waiting : undefined;
  const unsaved = toUnsavedRefresh(record, answer, before);
  // Where others wait, that are not about this record, the answer has come too late for them.
  if (before === waiting) setUnsaved(entry, unsaved);
  return save(entry, unsaved, record);
}

async function save(
  entry: EntryState,
  unsaved: UnsavedRefresh,
  expected?: StoredRecord,
): Promise<FoundRecord> {
  const { begun, record } = await commitRefreshed(entry, unsaved, expected);
  if (record && (record.tokens === unsaved.tokens || isUsable(entry, record))) return { begun, record };
  const why = record ? 'others were stored meanwhile' : 'the user signed out meanwhile';
  throw new ConflictError(`The refreshed credentials were not stored: ${why}.`, {
    key: entry.key,
    backend: begun.slot.context.backend.name,
  });
}

/** Tries to store the refreshed credentials of a slot again; never rejects. */
export function saveAgain(slot: Slot): Promise<void> {
  const { unsaved, saver, saveRetry } = slot;
  if (!unsaved || !saver || !saveRetry) return Promise.resolve();
  return (slot.saving ??= retry(saver, slot, unsaved).finally(() => (slot.saving = undefined)));
}

async function retry(entry: EntryState, slot: Slot, unsaved: UnsavedRefresh): Promise<void> {
  try {
    await publishFound(await save(entry, unsaved));
  } catch (error) {
    entry.store.users.report(error);
  }
  publishAll(slot);
}
