import type { Credentials } from '../credentials/Credentials.js';
import { ConflictError } from '../errors/ConflictError.js';
import type { StoredRecord } from '../record/StoredRecord.js';
import { holdsTokensOf, isAbout, toUnsavedRefresh } from '../record/UnsavedRefresh.js';
import { slotOf } from '../state/BackendContext.js';
import { isUsable } from '../state/judge.js';
import type { EntryState, Saving, Slot } from '../state/model.js';
import { publishAll } from '../state/publish.js';
import { publishFound } from '../state/read.js';
import { beginSaving, toSaving } from '../state/saving.js';
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
  const slot = slotOf(entry);
  const waiting = slot.saving?.refresh;
  const before = waiting && isAbout(waiting, record) ? waiting : undefined;
  const saving = toSaving(entry, toUnsavedRefresh(record, answer, before));
  // Where others wait, that are not about this record, the answer has come too late for them.
  if (before === waiting) beginSaving(slot, saving);
  return save(saving, record);
}

async function save(saving: Saving, expected?: StoredRecord): Promise<FoundRecord> {
  const { entry, refresh } = saving;
  const { begun, record } = await commitRefreshed(saving, expected);
  if (record && (holdsTokensOf(record, refresh) || isUsable(entry, record))) return { begun, record };
  const why = record ? 'others were stored meanwhile' : 'the user signed out meanwhile';
  throw new ConflictError(`The refreshed credentials were not stored: ${why}.`, {
    key: entry.key,
    backend: begun.slot.context.backend.name,
  });
}

/** Tries to store the refreshed credentials of a slot again; never rejects. */
export function saveAgain(slot: Slot): Promise<void> {
  const { saving } = slot;
  if (!saving?.retry) return Promise.resolve();
  return (saving.attempt ??= tryAgain(slot, saving).finally(() => (saving.attempt = undefined)));
}

async function tryAgain(slot: Slot, saving: Saving): Promise<void> {
  try {
    await publishFound(await save(saving));
  } catch (error) {
    saving.entry.store.users.report(error);
  }
  publishAll(slot);
}
