import { CorruptRecordError } from '../errors/CorruptRecordError.js';
import type { UncommittedRefresh } from '../refresh/UncommittedRefresh.js';
import type { Publish } from './BackendContext.js';
import type { EntryState } from './EntryState.js';
import { setAside } from './setAside.js';
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
    let publish: Publish | undefined;
    let isWritten = false;
    let uncommitted: UncommittedRefresh | undefined;
    await storage.swap(storageKey, state, async (text) => {
      let current: StoredRecord | undefined;
      // What is refreshed from here on is not in what this writes.
      uncommitted = state.uncommitted;
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
      publish = context.publisher(storageKey);
      return record?.text;
    });
    if (isWritten) context.dropUncommitted(storageKey, uncommitted);
    await publish?.(record);
    return record;
  });
}

/**
 * Removes whatever is stored for an entry, readable or not. `storageKey`: what else is kept for it. `withCopy`: and
 * what the backend set aside of it, also where nothing is stored any more.
 */
export function deleteStored(
  state: EntryState,
  storageKey = state.storageKey,
  withCopy = false,
): Promise<void> {
  const { storage, context } = state.store;
  return context.writes.run(storageKey, async () => {
    let publish: Publish | undefined;
    let uncommitted: UncommittedRefresh | undefined;
    await storage.swap(storageKey, state, (text) => {
      uncommitted = context.uncommitted.get(storageKey);
      try {
        state.parse(text);
      } catch {
        // It need not be readable; if it is, its tokens are to appear in no error.
      }
      publish = context.publisher(storageKey);
      return text === undefined && !withCopy ? false : undefined;
    });
    context.dropUncommitted(storageKey, uncommitted);
    await publish?.(undefined);
  });
}
