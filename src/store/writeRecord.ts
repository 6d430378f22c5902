import type { BackendContext } from './BackendContext.js';
import { CorruptRecordError } from '../errors/CorruptRecordError.js';
import type { EntryState } from './EntryState.js';
import { setAside } from './setAside.js';
import type { StoreCore } from './StoreCore.js';
import { encodeRecord, type NextRecord, type StoredRecord } from './StoredRecord.js';

/**
 * Changes a record atomically. Writes to one key queue inside a context. A change that returns the very record it
 * was given writes nothing. `replacesDamaged`: a damaged record is set aside and counts as absent.
 */
export function writeRecord(
  state: EntryState,
  change: (current: StoredRecord | undefined) => StoredRecord | NextRecord | undefined,
  replacesDamaged = false,
): Promise<StoredRecord | undefined> {
  const { store, storageKey } = state;
  const { storage, context } = store;
  return context.writes.run(storageKey, async () => {
    let record: StoredRecord | undefined;
    let isWritten = false;
    await storage.swap(storageKey, state, async (text) => {
      let current: StoredRecord | undefined;
      try {
        current = state.decode(text);
      } catch (error) {
        if (!replacesDamaged || !(error instanceof CorruptRecordError)) throw error;
        await setAside(state, text!);
      }
      const next = change(current);
      isWritten = next !== current;
      record = isWritten && next ? encodeRecord(next, store.options.codec) : current;
      if (!isWritten) return false;
      if (!next) record = undefined;
      else state.conceal(next.credentials);
      return record?.text;
    });
    if (isWritten) published(context, storageKey, record);
    return record;
  });
}

function published(context: BackendContext, storageKey: string, record: StoredRecord | undefined): void {
  context.dropUncommitted(storageKey);
  context.publisher(storageKey)(record);
}

/**
 * Removes whatever is stored under a key of the backend, readable or not. `withCopy`: and what the backend set
 * aside of it, also where nothing is stored any more.
 */
export function deleteStored(store: StoreCore, storageKey: string, withCopy = false): Promise<void> {
  const { storage, context } = store;
  return context.writes.run(storageKey, async () => {
    await storage.swap(storageKey, store.existingState(storageKey) ?? {}, (text) =>
      text === undefined && !withCopy ? false : undefined,
    );
    published(context, storageKey, undefined);
  });
}
