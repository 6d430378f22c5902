import { storageKey } from '../record/storageKeys.js';
import type { MaybePromise } from '../async/isPromise.js';
import type { EntryState } from './model.js';
import { concernOf } from './read.js';

/**
 * Keeps a copy of a damaged record before it is replaced: the bytes as they are where the backend can, else the
 * text under a reserved key.
 */
export function setAside(entry: EntryState, text: string): MaybePromise<unknown> {
  const { storage, options } = entry.store;
  const { backend } = storage;
  if (backend.quarantine) {
    return storage.serve('set a damaged record aside', concernOf(entry), () =>
      backend.quarantine!(entry.storageKey),
    );
  }
  return storage.swap(storageKey(options.namespace, entry.key, '#damaged'), concernOf(entry), (kept) =>
    kept === text ? 'unchanged' : { text },
  );
}
