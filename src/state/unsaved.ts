import { holdProcess } from '../async/withTimeout.js';
import type { ShelflifeError } from '../errors/ShelflifeError.js';
import { StorageUnavailableError } from '../errors/StorageUnavailableError.js';
import type { UnsavedRefresh } from '../record/UnsavedRefresh.js';
import { entriesOf, slotOf } from './BackendContext.js';
import { healthChanged } from './healthSignal.js';
import type { EntryState, Slot } from './model.js';
import { reschedule } from './publish.js';
import { nextRetry } from './Retry.js';

/**
 * Lays refreshed credentials over what is stored until they are stored. The process is kept alive as long, or until
 * the time of the storage has passed; then that is told.
 */
export function setUnsaved(entry: EntryState, unsaved: UnsavedRefresh): void {
  const slot = slotOf(entry);
  slot.letGo?.();
  slot.letGo = holdProcess(entry.store.options.timeout, () => tellLoss(slot));
  slot.unsaved = unsaved;
  slot.saver = entry;
  slot.context.unsaved.add(slot);
}

/** They are stored now, or others are. What was refreshed since stays. */
export function dropUnsaved(slot: Slot, unsaved: UnsavedRefresh | undefined): void {
  if (!unsaved || slot.unsaved !== unsaved) return;
  slot.unsaved = undefined;
  slot.saver = undefined;
  slot.letGo?.();
  slot.letGo = undefined;
  slot.saveRetry = undefined;
  slot.context.unsaved.delete(slot);
  changed(slot);
}

/** They could not be stored: they stay in memory, and are tried again. */
export function saveFailed(slot: Slot, unsaved: UnsavedRefresh, error: ShelflifeError, now: number): void {
  if (slot.unsaved !== unsaved) return;
  slot.saveRetry = nextRetry(error, slot.saveRetry, now);
  changed(slot);
}

/** Nobody tries to store them again. */
export function giveUpSaving(slot: Slot): void {
  if (!slot.letGo) return;
  slot.letGo();
  // `onError` has heard of the last try.
  if (slot.saver?.store.options.onError) slot.letGo = undefined;
  else tellLoss(slot);
}

function tellLoss(slot: Slot): void {
  slot.letGo = undefined;
  const { saver, saveRetry, context } = slot;
  if (!saver) return;
  const { name } = context.backend;
  saver.store.users.reportAloud(
    new StorageUnavailableError(
      `The refreshed credentials could not be written to the storage "${name}" in time. They are in the memory of ` +
        'this process only, and what is stored can no longer be refreshed.',
      { cause: saveRetry?.error, key: saver.key, backend: name },
    ),
  );
}

/** Who looks after the write, and how the storage is doing, may be otherwise now. */
function changed(slot: Slot): void {
  for (const entry of entriesOf(slot)) reschedule(entry);
  for (const store of slot.context.stores) healthChanged(store);
}
