import { promisifyRequest } from 'idb-keyval';
import { asText } from './indexeddb/asText.js';
import { keepConnection } from './indexeddb/keepConnection.js';
import type { StorageBackend } from './StorageBackend.js';
import { hintChannel } from './web/hintChannel.js';
import { pageLease } from './web/pageLease.js';
import { webLockLease } from './web/webLockLease.js';

/** Options of `indexedDBBackend`. */
export interface IndexedDBBackendOptions {
  /** The name of the database. Default is `'shelflife'`. */
  readonly database?: string | undefined;
}

const name = 'indexeddb';

/**
 * Keeps records in IndexedDB: the backend for pages, for many tabs at once, and for workers.
 *
 * `compareAndSet` is one transaction, atomic across all tabs and workers of the origin (`scope: 'origin'`), and
 * resolves when the record is on disk. Connections that browsers close or lose are opened again. Tabs take turns to
 * refresh by Web Locks, which need a secure page; elsewhere those of one page do, but two tabs may send the same
 * refresh token, and `health` says `degraded`. Any script on the page can read what is stored. Safari deletes it after seven
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
  const listeners = new Set<(key: string | undefined) => void>();
  // Otherwise a commit is reported before it is on disk, and a rotated refresh token exists nowhere else.
  const connection = keepConnection(database, {
    backend: name,
    durability: 'strict',
    onLost: () => {
      for (const listener of listeners) listener(undefined);
    },
  });
  const hints = hintChannel(`shelflife:${database}`);
  const lease = webLockLease(database, name);

  /** Reads a value and writes by it in one transaction; resolves when that is committed. */
  const change = (key: string, write: (store: IDBObjectStore, value: unknown) => boolean): Promise<boolean> =>
    connection.use(
      'readwrite',
      (store) =>
        new Promise<boolean>((resolve, reject) => {
          const { transaction } = store;
          const request = store.get(key);
          let changed = false;
          request.onsuccess = () => {
            changed = write(store, request.result);
            // From here on it ends without this page, which may be frozen before it hears of the success.
            transaction.commit?.();
          };
          transaction.oncomplete = () => resolve(changed);
          // Not `onerror`: a transaction knows its error only when it aborts.
          transaction.onabort = () => reject(transaction.error);
        }),
    );

  return {
    name,
    scope: 'origin',
    persistent: true,

    // Looked up at each use: whether locks work is known for sure only after the first request.
    get degraded() {
      return !lease();
    },

    get: async (key) =>
      asText(await connection.use('readonly', (store) => promisifyRequest<unknown>(store.get(key)))),

    async compareAndSet(key, expected, next) {
      const changed = await change(key, (store, value) => {
        const stored = asText(value);
        // Values never repeat: if ours is there, an attempt that seemed to fail was committed after all.
        if (stored !== expected && (next === undefined || stored !== next)) return false;
        if (next === undefined) {
          store.delete(key);
          store.delete(damagedKey(key));
        } else store.put(next, key);
        return true;
      });
      if (changed) hints.post(key);
      return changed;
    },

    async keys(prefix) {
      // Arrays come after all strings: none of the damaged copies is in this range.
      const keys = await connection.use('readonly', (store) =>
        promisifyRequest(store.getAllKeys(IDBKeyRange.bound(prefix, [], false, true))),
      );
      return keys.filter((key) => typeof key === 'string').filter((key) => key.startsWith(prefix));
    },

    subscribe(listener) {
      listeners.add(listener);
      const unsubscribe = hints.subscribe(listener);
      return () => {
        listeners.delete(listener);
        unsubscribe();
      };
    },

    lease: pageLease(database, name, lease),

    async quarantine(key) {
      await change(key, (store, value) => {
        if (value !== undefined) store.put(value, damagedKey(key));
        return true;
      });
    },

    close() {
      connection.close();
      hints.close();
    },
  };
}

/** Where the damaged copy of a record is kept: an array, so no key of anybody's is the same. */
function damagedKey(key: string): IDBValidKey {
  return [key, 'damaged'];
}
