import type { StorageBackend } from '../storage/StorageBackend.js';
import { Items } from './Items.js';
import { backendMethods, requireMethods } from './requireMethods.js';

/** The `StateStore` of oidc-client-ts. */
export interface OidcStateStore {
  set(key: string, value: string): Promise<void>;
  /** The text under a key; `null` where there is none. */
  get(key: string): Promise<string | null>;
  /** Removes an item and gives it, to one caller only: a sign-in answer can't be taken twice. */
  remove(key: string): Promise<string | null>;
  getAllKeys(): Promise<string[]>;
}

/**
 * Makes a backend the `userStore` and `stateStore` of oidc-client-ts' `UserManager`.
 *
 * Items are kept under keys of their own, so that `clearStaleState()`, which removes what it can't read, never sees credentials in the
 * same backend. What is written replaces what is there, whole or not at all. The backend stays yours to close.
 *
 * @throws {TypeError} where `backend` is none. The methods reject with what the backend throws.
 *
 * @example
 * ```ts
 * const userStore = oidcStateStore(indexedDBBackend());
 * const manager = new UserManager({ authority, client_id, redirect_uri, userStore });
 * ```
 */
export function oidcStateStore(backend: StorageBackend): OidcStateStore {
  requireMethods('backend', backend, backendMethods);
  const items = new Items('oidc-client-ts', backend);
  return {
    set: async (key, value) => items.set(key, value),
    get: async (key) => (await items.get(key)) ?? null,
    remove: async (key) => (await items.take(key)) ?? null,
    getAllKeys: () => items.keys(),
  };
}
