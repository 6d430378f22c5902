import { promisifyRequest } from 'idb-keyval';
import { KeyMissingError } from '../errors/KeyMissingError.js';
import { KeyUnavailableError } from '../errors/KeyUnavailableError.js';
import { keepConnection } from '../storage/indexeddb/keepConnection.js';
import { createNonce } from '../store/createNonce.js';
import type { KeySource, OpenedKey } from './KeySource.js';
import { webCrypto } from './webCrypto.js';

/** Where the key is kept in the database. */
const place = 'key';

/**
 * A key that the browser makes and keeps in IndexedDB, and that no script can read: it can only be used there.
 *
 * It is made by the first tab that needs it, and once, however many start at the same moment. It keeps tokens from whoever
 * copies the storage through the browser; whoever copies the profile from the disk may find key and records there
 * (RFC 10017 §8.6), and script in the page can use the key as the page does.
 *
 * @param options.database The name of the database of the key. Default is `'shelflife-keys'`.
 *
 * @throws {TypeError} Where `database` is not a string.
 *
 * @example
 * ```ts
 * const storage = encryptedBackend(indexedDBBackend(), { keys: browserKey() });
 * ```
 */
export function browserKey(options: { readonly database?: string } = {}): KeySource {
  const { database = 'shelflife-keys' } = options;
  if (typeof database !== 'string') throw new TypeError('The option "database" must be a string.');
  const name = `browser:${encodeURIComponent(database)}`;

  return {
    name,
    async open({ create = true } = {}) {
      const connection = keepConnection(database, { backend: 'encrypted', durability: 'strict' });
      try {
        const kept = await connection.use('readonly', (store) =>
          promisifyRequest<OpenedKey | undefined>(store.get(place)),
        );
        if (kept) return checked(kept, name);
        if (!create)
          throw new KeyMissingError(
            `The key "${name}" is gone, though there are records that it encrypted. They were left as they are.`,
          );
        const made = await make(name);
        return checked(await connection.use('readwrite', (store) => keepFirst(store, made)), name);
      } catch (cause) {
        if (cause instanceof KeyUnavailableError) throw cause;
        throw new KeyUnavailableError(
          `The key "${name}" can't be had: this browser could not keep it in IndexedDB.`,
          { cause },
        );
      } finally {
        connection.close();
      }
    },
  };
}

async function make(name: string): Promise<OpenedKey> {
  const algorithm = { name: 'AES-GCM', length: 256 };
  const key = await webCrypto(name).generateKey(algorithm, false, ['encrypt', 'decrypt']);
  return { id: `${name}:${createNonce()}`, key };
}

/** Keeps a key unless another tab was faster, and gives the one that is kept; resolves when that is committed. */
function keepFirst(store: IDBObjectStore, made: OpenedKey): Promise<OpenedKey> {
  return new Promise((resolve, reject) => {
    const { transaction } = store;
    const request: IDBRequest<OpenedKey | undefined> = store.get(place);
    request.onsuccess = () => {
      if (!request.result) store.put(made, place);
    };
    transaction.oncomplete = () => resolve(request.result ?? made);
    transaction.onabort = () => reject(transaction.error);
  });
}

/** Somebody else may use a database of this name. */
function checked(kept: OpenedKey, name: string): OpenedKey {
  if (kept.key instanceof CryptoKey && typeof kept.id === 'string') return kept;
  throw new KeyMissingError(
    `The database of the key "${name}" holds something else. Name another one (option "database").`,
  );
}
