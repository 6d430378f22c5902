import type { StorageBackend } from '../storage/StorageBackend.js';
import { Items } from './Items.js';
import { backendMethods, requireMethods } from './requireMethods.js';

/** The `ICache` of auth0-spa-js. */
export interface Auth0Cache {
  set(key: string, entry: unknown): Promise<void>;
  get<T>(key: string): Promise<T | undefined>;
  remove(key: string): Promise<void>;
  allKeys(): Promise<string[]>;
}

/**
 * Makes a backend the `cache` of auth0-spa-js.
 *
 * Every `get` gives a copy of its own: auth0-spa-js writes to the objects that its cache gives it, also after the
 * server has rotated the refresh token. A damaged item is a miss, as in the library's own cache. Items are kept under keys of their
 * own, and each is replaced whole or not at all. The backend stays yours to close.
 *
 * @throws {TypeError} where `backend` is none. The methods reject with what the backend throws.
 *
 * @example
 * ```ts
 * const auth0 = new Auth0Client({ domain, clientId, useRefreshTokens: true, cache: auth0Cache(indexedDBBackend()) });
 * ```
 */
export function auth0Cache(backend: StorageBackend): Auth0Cache {
  requireMethods('backend', backend, backendMethods);
  const items = new Items('auth0', backend);
  return {
    // Written as it is now: the library goes on to use the object.
    set: async (key, entry) => items.set(key, JSON.stringify(entry)),
    async get<T>(key: string) {
      const text = await items.get(key);
      try {
        return text === undefined ? undefined : (JSON.parse(text) as T);
      } catch {
        return undefined;
      }
    },
    remove: async (key) => items.remove(key),
    allKeys: () => items.keys(),
  };
}
