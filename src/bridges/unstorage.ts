import type { MaybePromise, StorageBackend } from '../storage/StorageBackend.js';
import { Items } from './Items.js';
import { backendMethods, requireMethods } from './requireMethods.js';
import { textStoreBackend } from './textStoreBackend.js';

/** What is used of an unstorage `Storage`. */
export interface UnstorageLike {
  getItem(key: string): Promise<unknown>;
  setItem(key: string, value: { readonly value: string }): Promise<void>;
  removeItem(key: string): Promise<void>;
  getKeys(): Promise<string[]>;
  getMount?(key: string): { readonly driver: { readonly name?: string | undefined } };
}

/** A driver, as unstorage's `createStorage({ driver })` takes it. */
export interface UnstorageDriver {
  readonly name: string;
  hasItem(key: string): MaybePromise<boolean>;
  getItem(key: string): MaybePromise<string | null>;
  setItem(key: string, value: string): Promise<void>;
  removeItem(key: string): Promise<void>;
  getKeys(base?: string): Promise<string[]>;
  clear(base?: string): Promise<void>;
  watch(callback: (event: 'update' | 'remove', key: string) => unknown): () => void;
  dispose(): void;
}

/**
 * A key that unstorage leaves as it is: it splits keys at `/`, `\` and `:`, and refuses dots and empty ones. No
 * other key is encoded as a single `%`.
 */
function encode(key: string): string {
  return encodeURIComponent(key).replaceAll('.', '%2E').replaceAll('*', '%2A') || '%';
}

function decode(key: string): string[] {
  try {
    return [key === '%' ? '' : decodeURIComponent(key)];
  } catch {
    return []; // Not one of ours.
  }
}

/**
 * Keeps records in an unstorage `Storage`, and with it in any place that has a driver.
 *
 * unstorage can't compare before it writes, so writes take turns in their process, and nothing coordinates them with
 * other processes (`scope: 'process'`). A record is stored as `{ value }`, since unstorage gives back JSON texts parsed. Where other
 * data is in the storage too, hand in `prefixStorage(storage, 'credentials')`. The storage stays yours to dispose of.
 *
 * @throws {TypeError} where `storage` is none. Methods reject with `StorageUnavailableError`, also where the driver loses or changes strings.
 *
 * @example
 * ```ts
 * const storage = createStorage({ driver: fsDriver({ base: './data' }) });
 * const store = createCredentialStore({ storage: unstorageBackend(storage) });
 * ```
 */
export function unstorageBackend(storage: UnstorageLike): StorageBackend {
  requireMethods('storage', storage, ['getItem', 'setItem', 'removeItem', 'getKeys']);
  const driver = storage.getMount?.('').driver.name;
  return textStoreBackend({
    name: 'unstorage',
    persistent: driver !== 'memory' && driver !== 'lru-cache',
    identity: storage,
    async read(key) {
      const item = await storage.getItem(encode(key));
      return item === null || item === undefined ? undefined : (item as { readonly value?: unknown }).value;
    },
    write: (key, value) => storage.setItem(encode(key), { value }),
    remove: (key) => storage.removeItem(encode(key)),
    list: async () => (await storage.getKeys()).flatMap(decode),
  });
}

/**
 * Makes a backend a driver of unstorage.
 *
 * Items are kept under keys of their own, so `clear()` leaves credentials in the same backend alone. What is
 * written replaces what is there, whole or not at all. `watch` tells of writes through this driver, and of others'
 * where the backend tells of them: by key and event, or as an update of every key where the backend can't say
 * which. The backend stays yours to close.
 *
 * @throws {TypeError} where `backend` is none.
 *
 * @example
 * ```ts
 * const storage = createStorage({ driver: unstorageDriver(indexedDBBackend()) });
 * ```
 */
export function unstorageDriver(backend: StorageBackend): UnstorageDriver {
  requireMethods('backend', backend, backendMethods);
  const items = new Items('unstorage', backend);
  const watchers = new Set<(event: 'update' | 'remove', key: string) => unknown>();
  let stopListening: (() => void) | undefined;

  const tell = (event: 'update' | 'remove', key: string): void => {
    for (const watcher of watchers) watcher(event, key);
  };
  const lookUp = async (key: string | undefined): Promise<void> => {
    if (key !== undefined) tell((await items.has(key)) ? 'update' : 'remove', key);
    else for (const each of await items.keys()) tell('update', each);
  };
  const dispose = (): void => {
    watchers.clear();
    stopListening?.();
    stopListening = undefined;
  };

  const driver: UnstorageDriver = {
    name: 'shelflife',
    hasItem: (key) => items.has(key),
    getItem: async (key) => (await items.get(key)) ?? null,
    async setItem(key, value) {
      await items.set(key, value);
      tell('update', key);
    },
    async removeItem(key) {
      await items.remove(key);
      tell('remove', key);
    },
    getKeys: (base = '') => items.keys(base),
    async clear(base = '') {
      await Promise.all((await items.keys(base)).map(driver.removeItem));
    },
    watch(callback) {
      watchers.add(callback);
      // A hint that can't be looked up is lost, as hints may be.
      stopListening ??= items.subscribe((key) => void lookUp(key).catch(() => {}));
      return () => {
        watchers.delete(callback);
        if (watchers.size === 0) dispose();
      };
    },
    dispose,
  };
  return driver;
}
