import { superjsonCodec } from './codec/superjsonCodec.js';
import type { CredentialStoreOptions } from './state/CredentialStoreOptions.js';
import { createStore } from './store/createStore.js';
import type { CredentialStore } from './store/CredentialStore.js';

/**
 * Makes a store of OAuth credentials over a storage backend. Nothing is read or armed until it is used.
 *
 * @throws {TypeError} naming the option that is of the wrong type.
 *
 * @example
 * ```ts
 * const store = createCredentialStore({
 *   storage: indexedDBBackend(),
 *   refresh: ({ refresh_token }, { signal }) => requestToken({ grant_type: 'refresh_token', refresh_token }, signal),
 * });
 * const token = await store.entry().getAccessToken();
 * ```
 */
export function createCredentialStore(options: CredentialStoreOptions): CredentialStore {
  return createStore(options, superjsonCodec);
}
