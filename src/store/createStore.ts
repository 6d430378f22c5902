import { whileHeld } from '../async/withTimeout.js';
import type { Codec } from '../codec/Codec.js';
import { entryKeys, storageKey } from '../record/storageKeys.js';
import type { CredentialStoreOptions } from '../state/CredentialStoreOptions.js';
import type { EntryState } from '../state/model.js';
import { concernOfAll } from '../state/read.js';
import { removeBeside, removeRecord } from '../state/write.js';
import { Calls } from './Calls.js';
import { checkOptions } from './checkOptions.js';
import { closeStore } from './closeStore.js';
import type { CredentialEntry } from './CredentialEntry.js';
import type { CredentialStore } from './CredentialStore.js';
import { createStoreState, entryOf } from './createStoreState.js';
import { Entry } from './Entry.js';

/** How many deletions `clear()` has under way at a time. */
const clearedAtOnce = 32;

/** Makes a store; `defaultCodec` is used where the options name none. */
export function createStore(options: CredentialStoreOptions, defaultCodec: Codec): CredentialStore {
  const state = createStoreState(checkOptions(options, defaultCodec));
  const calls = new Calls(state);
  const { storage } = state;
  const { namespace } = state.options;
  // An entry lives as long as its state, which is held while the entry is observed.
  const entries = new WeakMap<EntryState, CredentialEntry>();
  let closing: Promise<void> | undefined;

  const clear = async (): Promise<void> => {
    for (const kind of ['', '#damaged', '#rejection'] as const) {
      const prefix = storageKey(namespace, '', kind);
      const keys = (await storage.keys(prefix, concernOfAll(state))).flatMap((stored) =>
        entryKeys(prefix, stored),
      );
      const remove = (key: string): Promise<unknown> =>
        kind ? removeBeside(entryOf(state, key), kind) : removeRecord(entryOf(state, key));
      while (keys.length) await Promise.all(keys.splice(-clearedAtOnce).map(remove));
    }
  };

  const store: CredentialStore = {
    health: state.health,

    entry(key = 'default') {
      const entryState = entryOf(state, key);
      let entry = entries.get(entryState);
      if (!entry) entries.set(entryState, (entry = new Entry(entryState, calls)));
      return entry;
    },

    keys() {
      const prefix = storageKey(namespace, '');
      return calls.run(async () =>
        (await storage.keys(prefix, concernOfAll(state))).flatMap((stored) => entryKeys(prefix, stored)),
      );
    },

    clear: () => calls.run(clear),
    close: () => (closing ??= whileHeld(closeStore(state, calls))),
  };
  const symbol = (Symbol as { readonly asyncDispose?: symbol }).asyncDispose;
  if (symbol) Object.defineProperty(store, symbol, { value: store.close });
  return store;
}
