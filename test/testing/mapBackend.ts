import type { StorageBackend } from '../../src/storage/StorageBackend.js';

/** The smallest backend that keeps the contract. */
export function mapBackend(values: Map<string, string> = new Map<string, string>()): StorageBackend {
  return {
    name: 'map',
    scope: 'context',
    persistent: false,
    get: (key) => values.get(key),
    compareAndSet(key, expected, next) {
      if (values.get(key) !== expected) return false;
      if (next === undefined) values.delete(key);
      else values.set(key, next);
      return true;
    },
    keys: (prefix) => [...values.keys()].filter((key) => key.startsWith(prefix)),
  };
}
