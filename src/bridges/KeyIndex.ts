import { CorruptRecordError } from '../errors/CorruptRecordError.js';
import { runInTurn } from './sharedStore.js';
import type { TextStore } from './TextStore.js';

const indexKey = 'shelflife#index:';

/** The keys of a store that can't list them, kept as a JSON array under a key of its own. */
export class KeyIndex {
  readonly #store: TextStore;

  constructor(store: TextStore) {
    this.#store = store;
  }

  async list(): Promise<string[]> {
    const text = await this.#store.read(indexKey);
    if (text === undefined || text === null) return [];
    try {
      return (JSON.parse(text as string) as string[]).map(String);
    } catch {
      throw new CorruptRecordError(
        `The list of keys in "${this.#store.name}" is damaged. Remove the item "${indexKey}".`,
        { backend: this.#store.name },
      );
    }
  }

  /** A key is added before it is written and removed after it: what is stored is always listed. */
  add(key: string): Promise<void> {
    return this.#change((keys) => (keys.includes(key) ? keys : [...keys, key]));
  }

  remove(key: string): Promise<void> {
    return this.#change((keys) => (keys.includes(key) ? keys.filter((other) => other !== key) : keys));
  }

  #change(change: (keys: string[]) => string[]): Promise<void> {
    return runInTurn(this.#store.name, indexKey, async () => {
      const keys = await this.list();
      const next = change(keys);
      if (next !== keys) await this.#store.write(indexKey, JSON.stringify(next));
    });
  }
}
