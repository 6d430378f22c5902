import { ConflictError } from '../errors/ConflictError.js';
import { CorruptRecordError } from '../errors/CorruptRecordError.js';
import { TimeoutError } from '../errors/TimeoutError.js';
import type { EntryState } from './EntryState.js';
import { secretsOf } from './secretsOf.js';
import { setAside } from './setAside.js';
import type { StoreCore } from './StoreCore.js';
import { encodeRecord, type NextRecord, type StoredRecord } from './StoredRecord.js';

interface WriteOptions {
  /** Whether a damaged record is set aside and replaced. */
  readonly replacesDamaged?: boolean;
}

/** Reads the stored text, and decodes it; a damaged one counts as absent once it is set aside, where that is wanted. */
async function readForWrite(
  state: EntryState,
  { replacesDamaged }: WriteOptions,
): Promise<{ text: string | undefined; current: StoredRecord | undefined }> {
  const text = await state.store.storage.get(state.storageKey, state);
  try {
    return { text, current: state.decode(text) };
  } catch (error) {
    if (!replacesDamaged || !(error instanceof CorruptRecordError)) throw error;
    await setAside(state, text!);
    return { text, current: undefined };
  }
}

/**
 * Changes a record: reads, applies the change, writes if nobody wrote meanwhile, else starts over. Writes to one key
 * queue inside a context. A change that returns the very record it was given writes nothing.
 */
export function writeRecord(
  state: EntryState,
  change: (current: StoredRecord | undefined) => StoredRecord | NextRecord | undefined,
  options: WriteOptions = {},
): Promise<StoredRecord | undefined> {
  const { store, key, storageKey } = state;
  const { storage, context } = store;
  return context.queue(storageKey, async () => {
    const started = Date.now();
    for (;;) {
      const { text, current } = await readForWrite(state, options);
      const next = change(current);
      if (next === current) return current;
      const record = next && encodeRecord(next, store.options.codec);
      const secrets = [...state.secrets, ...secretsOf(next?.credentials)];
      try {
        if (await storage.compareAndSet(storageKey, text, record?.text, { key, secrets })) {
          context.dropUnsaved(storageKey);
          context.written(storageKey)(record);
          return record;
        }
      } catch (error) {
        // It may have been written all the same.
        if (error instanceof TimeoutError && state.isWatched) state.reload();
        throw error;
      }
      if (Math.abs(Date.now() - started) > store.options.timeout) {
        throw new ConflictError('The record was changed by others again and again. Try again.', {
          key,
          backend: storage.backend.name,
        });
      }
    }
  });
}

/** Removes whatever is stored under a key of the backend, readable or not, and what the backend set aside of it. */
export function deleteStored(store: StoreCore, storageKey: string, isKept = false): Promise<void> {
  const { storage, context } = store;
  return context.queue(storageKey, async () => {
    const concern = store.existingState(storageKey) ?? {};
    for (;;) {
      const text = await storage.get(storageKey, concern);
      if (isKept && text === undefined) return;
      if (await storage.compareAndSet(storageKey, text, undefined, concern)) break;
    }
    context.dropUnsaved(storageKey);
    context.written(storageKey)(undefined);
  });
}
