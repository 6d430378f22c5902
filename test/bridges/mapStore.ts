import type { KeyValueStore } from '../../src/bridges/key-value.js';

/** A store as React Native's: strings under strings, answered later. */
export function mapStore(items = new Map<string, string>()): Required<KeyValueStore> {
  const later = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    async getItem(key) {
      await later();
      return items.get(key) ?? null;
    },
    async setItem(key: string, value: string) {
      await later();
      items.set(key, value);
    },
    async removeItem(key: string) {
      await later();
      items.delete(key);
    },
    async getAllKeys() {
      await later();
      return [...items.keys()];
    },
  };
}

/** A store as MMKV's: answered at once. */
export function synchronousStore(items = new Map<string, string>()): KeyValueStore {
  return {
    getItem: (key) => items.get(key),
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  };
}
