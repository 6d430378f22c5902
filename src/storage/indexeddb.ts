import { get, promisifyRequest } from 'idb-keyval';
import { asText } from './indexeddb/asText.js';
import { keepConnection } from './indexeddb/keepConnection.js';
import type { StorageBackend } from './StorageBackend.js';
import { hintChannel } from './web/hintChannel.js';
import { webLockLease } from './web/webLockLease.js';

/** Options of `indexedDBBackend`. */
export interface IndexedDBBackendOptions {
  /** The name of the database. Default is `'shelflife'`. */
  readonly database?: string;
}

/**
 * Keeps records in IndexedDB: the backend for pages, for many tabs at once, and for workers.
 *
 * `compareAndSet` is one transaction, atomic across all tabs and workers of the origin (`scope: 'origin'`), and
 * resolves when the record is on disk. Connections that browsers close or lose are opened again. Tabs take turns to
 * refresh by Web Locks, which need a secure page; elsewhere `lease` is `undefined`, and two tabs may
 * send the same refresh token. Any script on the page can read what is stored. Safari deletes it after seven
 * days of use without a visit.
 *
 * Nothing is opened before the first use. Methods reject with `StorageUnavailableError` where there is no IndexedDB
 * that works, `StorageQuotaError` where it is full, and `TimeoutError` where the database does not open within
 * five seconds. A read that comes back empty while the page goes away rejects too: it says nothing.
 *
 * @throws {TypeError} Where `database` is not a string.
 *
 * @example
 * ```ts
 * const store = createCredentialStore({ storage: indexedDBBackend() });
 * ```
 */
export function indexedDBBackend(options: IndexedDBBackendOptions = {}): StorageBackend {
  const { database = 'shelflife' } = options;
  if (typeof database !== 'string') throw new TypeError('The option "database" must be a string.');
  const connection = keepConnection(database);
  const hints = hintChannel(`shelflife:${database}`);

  const backend: StorageBackend = {
    name: 'indexeddb',
    scope: 'origin',
    persistent: true,

    get: async (key) => asText(await get<unknown>(key, connection.use)),

    async compareAndSet(key, expected, next) {
      const matched = await connection.use('readwrite', async (store) => {
        let matches = false;
        const request = store.get(key);
        request.onsuccess = () => {
          const stored = asText(request.result);
          // Values never repeat: if ours is there, an attempt that seemed to fail was committed after all.
          matches = stored === expected || (stored === next && next !== undefined);
          if (!matches) return;
          if (next === undefined) {
            store.delete(key);
            store.delete(damagedKey(key));
          } else store.put(next, key);
        };
        await promisifyRequest(store.transaction);
        return matches;
      });
      if (matched) hints.post(key);
      return matched;
    },

    // Arrays come after all strings, so this ends before the damaged copies.
    keys: async (prefix) =>
      (
        await connection.use('readonly', (store) =>
          promisifyRequest(store.getAllKeys(IDBKeyRange.bound(prefix, [], false, true))),
        )
      ).filter((key) => typeof key === 'string' && key.startsWith(prefix)) as string[],

    subscribe: hints.subscribe,

    quarantine: (key) =>
      connection.use('readwrite', (store) => {
        const request = store.get(key);
        request.onsuccess = () => {
          if (request.result !== undefined) store.put(request.result, damagedKey(key));
        };
        return promisifyRequest(store.transaction);
      }),

    close() {
      connection.close();
      hints.close();
    },
  };

  // Looked up at each use: whether locks work is known for sure only after the first request.
  return Object.defineProperty(backend, 'lease', {
    get: webLockLease(database, backend.name),
    enumerable: true,
  });
}

/** Where the damaged copy of a record is kept: an array, so no key of anybody's is the same. */
function damagedKey(key: string): IDBValidKey {
  return [key, 'damaged'];
}
