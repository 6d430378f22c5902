import type { MaybePromise } from '../storage/StorageBackend.js';
import type { EntryState } from './EntryState.js';
import { storageKey } from './storageKeys.js';

/**
 * Keeps a copy of a damaged record before it is replaced: the bytes as they are where the backend can, else the
 * text under a reserved key.
 */
export function setAside(state: EntryState, text: string): MaybePromise<void> {
  const { storage, options } = state.store;
  const { backend } = storage;
  if (backend.quarantine)
    return storage.run('set a damaged record aside', state, () => backend.quarantine!(state.storageKey));
  return storage.swap(
    storageKey(options.namespace, state.key, '#damaged'),
    state,
    (kept) => kept !== text && text,
  );
}
