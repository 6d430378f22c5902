import { bindLazily } from '../signals/bindLazily.js';
import type { Signal } from '../signals/Signal.js';
import { checkOptions } from './checkOptions.js';
import type { CredentialEntry } from './CredentialEntry.js';
import type { CredentialStore, CredentialStoreOptions } from './CredentialStore.js';
import { Entry } from './Entry.js';
import type { EntryState } from './EntryState.js';
import type { Health } from './Health.js';
import { StoreCore } from './StoreCore.js';
import { entryKeys, storageKey } from './storageKeys.js';
import { deleteStored } from './writeRecord.js';

/** How many deletions `clear()` has under way at a time. */
const clearedAtOnce = 32;

class Store implements CredentialStore {
  readonly #core: StoreCore;
  // An entry lives as long as its state, which is held while the entry is observed.
  readonly #entries = new WeakMap<EntryState, CredentialEntry>();

  constructor(options: CredentialStoreOptions) {
    this.#core = new StoreCore(checkOptions(options));
    const symbol = (Symbol as { readonly asyncDispose?: symbol }).asyncDispose;
    if (symbol) Object.defineProperty(this, symbol, { value: () => this.close() });
  }

  get health(): Signal<Health> {
    return this.#core.health;
  }

  entry(key = 'default'): CredentialEntry {
    const state = this.#core.state(key);
    let entry = this.#entries.get(state);
    if (!entry) this.#entries.set(state, (entry = new Entry(state)));
    return entry;
  }

  keys(): Promise<string[]> {
    const { storage, options } = this.#core;
    const prefix = storageKey(options.namespace, '');
    return this.#core.run(async () =>
      (await storage.keys(prefix)).flatMap((stored) => entryKeys(prefix, stored)),
    );
  }

  clear(): Promise<void> {
    const core = this.#core;
    return core.run(async () => {
      for (const kind of ['', '#damaged', '#rejection'] as const) {
        const prefix = storageKey(core.options.namespace, '', kind);
        const stored = await core.storage.keys(prefix);
        const remove = async (each: string): Promise<unknown> =>
          Promise.all(entryKeys(prefix, each).map((key) => deleteStored(core.state(key), each)));
        while (stored.length) await Promise.all(stored.splice(-clearedAtOnce).map(remove));
      }
    });
  }

  close(): Promise<void> {
    return this.#core.close();
  }
}

const BoundStore = /* @__PURE__ */ bindLazily(Store, ['entry', 'keys', 'clear', 'close']);

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
  return new BoundStore(options);
}
