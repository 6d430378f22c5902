import { holdProcess } from '../async/withTimeout.js';
import type { ShelflifeError } from '../errors/ShelflifeError.js';
import { StorageUnavailableError } from '../errors/StorageUnavailableError.js';
import type { UnsavedRefresh } from '../record/UnsavedRefresh.js';
import { entriesOf } from './BackendContext.js';
import { healthChanged } from './healthSignal.js';
import type { EntryState, Saving, Slot } from './model.js';
import { reschedule } from './publish.js';
import { nextRetry } from './Retry.js';

/** Refreshed credentials that are to be stored. */
export function toSaving(entry: EntryState, refresh: UnsavedRefresh): Saving {
  return { refresh, entry, retry: undefined, attempt: undefined, letGo: undefined };
}

/**
 * Lays refreshed credentials over what is stored until they are stored. The process is kept alive as long, or until
 * the time of the storage has passed; then that is told.
 */
export function beginSaving(slot: Slot, saving: Saving): void {
  slot.saving?.letGo?.();
  saving.retry = slot.saving?.retry;
  saving.letGo = holdProcess(saving.entry.store.options.timeout, () => tellLoss(saving));
  slot.saving = saving;
  slot.context.saving.add(slot);
}

/** They are stored now, or others are. What was refreshed since stays. */
export function dropSaving(slot: Slot, saving: Saving | undefined): void {
  if (!saving || slot.saving !== saving) return;
  saving.letGo?.();
  slot.saving = undefined;
  slot.context.saving.delete(slot);
  savingChanged(slot);
}

/** They could not be stored: they stay in memory, and are tried again. */
export function saveFailed(slot: Slot, saving: Saving, error: ShelflifeError, now: number): void {
  if (slot.saving !== saving) return;
  saving.retry = nextRetry(error, saving.retry, now);
  savingChanged(slot);
}

/** Nobody tries to store them again. */
export function giveUpSaving(saving: Saving | undefined): void {
  if (!saving?.letGo) return;
  saving.letGo();
  // `onError` has heard of the last try.
  if (saving.entry.store.options.onError) saving.letGo = undefined;
  else tellLoss(saving);
}

function tellLoss(saving: Saving): void {
  saving.letGo = undefined;
  const { store, key } = saving.entry;
  const { name } = store.context.backend;
  store.users.reportAloud(
    new StorageUnavailableError(
      `The refreshed credentials could not be written to the storage "${name}" in time. They are in the memory of ` +
        'this process only, and what is stored can no longer be refreshed.',
      { cause: saving.retry?.error, key, backend: name },
    ),
  );
}

/** Who looks after the write, and how the storage is doing, may be otherwise now. */
function savingChanged(slot: Slot): void {
  for (const entry of entriesOf(slot)) reschedule(entry);
  for (const store of slot.context.stores) healthChanged(store);
}
