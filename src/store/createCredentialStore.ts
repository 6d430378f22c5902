import { checkOptions } from './checkOptions.js';
import type { CredentialEntry } from './CredentialEntry.js';
import type { CredentialStore, CredentialStoreOptions } from './CredentialStore.js';
import { Entry } from './Entry.js';
import type { EntryState } from './EntryState.js';
import { StoreCore } from './StoreCore.js';
import { entryKeys, storageKey } from './storageKeys.js';
import { deleteStored } from './writeRecord.js';

/** How many deletions `clear()` has under way at a time. */
const clearedAtOnce = 32;

/**
 * Makes a store of OAuth credentials over a storage backend. Nothing is read or armed until it is used.
 *
 * @throws {TypeError} naming the option that is of the wrong type.
 *
 * @example
 * ```ts
 * const store = createCredentialStore({
 *   storage: indexedDBBackend(),
 *   refresh: ({ refresh_token }, { signal }) => requestToken({ grant_type: 'refresh_token', refresh_token }, signal),
 * });
 * const token = await store.entry().getAccessToken();
 * ```
 */
export function createCredentialStore(options: CredentialStoreOptions): CredentialStore {
  const core = new StoreCore(checkOptions(options));
  const { storage } = core;
  const { namespace } = core.options;
  // An entry lives as long as its state, which is held while the entry is observed.
  const entries = new WeakMap<EntryState, CredentialEntry>();

  const store: CredentialStore = {
    get health() {
      return core.health;
    },

    entry(key = 'default') {
      const state = core.state(key);
      let entry = entries.get(state);
      if (!entry) entries.set(state, (entry = new Entry(state)));
      return entry;
    },

    keys() {
      const prefix = storageKey(namespace, '');
      return core.run(async () =>
        (await storage.keys(prefix)).flatMap((stored) => entryKeys(prefix, stored)),
      );
    },

    clear: () =>
      core.run(async () => {
        for (const kind of ['', '#damaged', '#rejection'] as const) {
          const prefix = storageKey(namespace, '', kind);
          const stored = await storage.keys(prefix);
          const remove = async (each: string): Promise<unknown> =>
            Promise.all(entryKeys(prefix, each).map((key) => deleteStored(core.state(key), each)));
          while (stored.length) await Promise.all(stored.splice(-clearedAtOnce).map(remove));
        }
      }),

    close: () => core.close(),
  };
  const symbol = (Symbol as { readonly asyncDispose?: symbol }).asyncDispose;
  if (symbol) Object.defineProperty(store, symbol, { value: store.close });
  return store;
}
