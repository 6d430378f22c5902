import type { EntryState } from './EntryState.js';
import { storageKey } from './storageKeys.js';

/**
 * Keeps a copy of a damaged record before it is replaced: the bytes as they are where the backend can, else the
 * text under a reserved key.
 */
export async function setAside(state: EntryState, text: string): Promise<void> {
  const { storage, options } = state.store;
  const { backend } = storage;
  if (backend.quarantine)
    return storage.run('set a damaged record aside', state, () => backend.quarantine!(state.storageKey));
  const reserved = storageKey(options.namespace, state.key, 'damaged');
  for (
    let kept = await storage.get(reserved, state);
    kept !== text;
    kept = await storage.get(reserved, state)
  ) {
    if (await storage.compareAndSet(reserved, kept, text, state)) return;
  }
}
