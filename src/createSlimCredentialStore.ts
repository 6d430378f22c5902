import { slimCodec } from './codec/slimCodec.js';
import type { CredentialStoreOptions } from './state/CredentialStoreOptions.js';
import { createStore } from './store/createStore.js';
import type { CredentialStore } from './store/CredentialStore.js';

/**
 * Makes a store of OAuth credentials, as `createCredentialStore` of `shelflife` does, without the package superjson.
 *
 * What it stores is the same: either reads what the other wrote.
 *
 * @throws {TypeError} naming the option that is of the wrong type.
 *
 * @example
 * ```ts
 * import { createCredentialStore, memoryBackend } from 'shelflife/slim';
 *
 * const store = createCredentialStore({ storage: memoryBackend() });
 * ```
 */
export function createSlimCredentialStore(options: CredentialStoreOptions): CredentialStore {
  return createStore(options, slimCodec);
}
