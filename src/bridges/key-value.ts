import type { MaybePromise, StorageBackend } from '../storage/StorageBackend.js';
import { BackendWriter } from './BackendWriter.js';
import { andThen } from './andThen.js';
import { backendMethods, requireMethods } from './requireMethods.js';
import { textStoreBackend } from './textStoreBackend.js';

/** A store of strings under strings, as React Native's AsyncStorage has it; its methods may answer at once or later. */
export interface KeyValueStore {
  /** The string under a key; `null` or `undefined` where there is none. */
  getItem(key: string): MaybePromise<string | null | undefined>;
  setItem(key: string, value: string): unknown;
  removeItem(key: string): unknown;
  /** All keys. Where it is left out, a list of the keys written is kept in the store, as the item `shelflife#index:`. */
  getAllKeys?(): MaybePromise<readonly string[]>;
}

/** What supabase-js, TanStack Query and zustand take as their storage. */
export interface KeyValueStorage {
  /** The string under a key; `null` where there is none. */
  getItem(this: void, key: string): MaybePromise<string | null>;
  /** Replaces what is there. Writes of one key land in the order they were called in. */
  setItem(this: void, key: string, value: string): MaybePromise<void>;
  removeItem(this: void, key: string): MaybePromise<void>;
}

/**
 * Keeps records in any store with `getItem`, `setItem` and `removeItem`: AsyncStorage, MMKV, expo-secure-store, `chrome.storage`.
 *
 * Such a store can't compare before it writes, so writes take turns in their process, and nothing coordinates them
 * with other processes (`scope: 'process'`). A store that answers at once is read at once. The store is tried at the
 * first use, with an item of its own that is removed again: methods reject with `StorageUnavailableError`
 * where it loses or changes strings. Backends on the same object share leases and hints.
 *
 * @throws {TypeError} where a method is missing.
 *
 * @example
 * ```ts
 * import AsyncStorage from '@react-native-async-storage/async-storage';
 * const store = createCredentialStore({ storage: keyValueBackend(AsyncStorage) });
 * ```
 */
export function keyValueBackend(store: KeyValueStore): StorageBackend {
  requireMethods('store', store, ['getItem', 'setItem', 'removeItem']);
  const mayList = typeof store.getAllKeys === 'function';
  return textStoreBackend({
    name: 'key-value',
    persistent: true,
    identity: store,
    read: (key) => store.getItem(key),
    write: (key, value) => store.setItem(key, value),
    remove: (key) => store.removeItem(key),
    list: mayList ? () => andThen(store.getAllKeys?.() ?? [], (keys) => keys) : undefined,
  });
}

/**
 * Gives a backend the shape of Web Storage, for libraries that keep their session in one: supabase-js, zustand's
 * `persist`, TanStack Query's persisters.
 *
 * Keys are the backend's keys, as they are. On a backend that answers at once (memory, localStorage) the
 * methods do so too. What the library writes replaces what is there, whole or not at all. The backend stays yours to close.
 *
 * @throws {TypeError} where `backend` is none. The methods throw what the backend throws, and `ConflictError` where it refuses every write.
 *
 * @example
 * ```ts
 * const auth = new GoTrueClient({ url, storage: keyValueStorage(fileBackend({ app: 'my-tool' })) });
 * ```
 */
export function keyValueStorage(backend: StorageBackend): KeyValueStorage {
  requireMethods('backend', backend, backendMethods);
  const writer = new BackendWriter(backend);
  return {
    getItem: (key) => andThen(backend.get(key), (value) => value ?? null),
    setItem: (key, value) => writer.write(key, value),
    removeItem: (key) => writer.write(key, undefined),
  };
}
