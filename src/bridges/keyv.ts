import { StorageUnavailableError } from '../errors/StorageUnavailableError.js';
import type { StorageBackend } from '../storage/StorageBackend.js';
import { Items } from './Items.js';
import { backendMethods, requireMethods } from './requireMethods.js';
import { textStoreBackend } from './textStoreBackend.js';

/** What is used of a Keyv (version 5). */
export interface KeyvLike {
  readonly store: object;
  readonly namespace?: string | undefined;
  readonly useKeyPrefix?: boolean | undefined;
  readonly throwOnErrors?: boolean | undefined;
  get(key: string): Promise<unknown>;
  set(key: string, value: string): Promise<unknown>;
  delete(key: string): Promise<unknown>;
}

/** A storage adapter, as `new Keyv({ store })` takes it. */
export interface KeyvStore {
  readonly opts: { readonly dialect: string; readonly url: string };
  /** Set by Keyv: `clear` and `iterator` keep to it. */
  namespace?: string | undefined;
  get<Value>(key: string): Promise<Value | undefined>;
  set(key: string, value: unknown, ttl?: number): Promise<boolean>;
  delete(key: string): Promise<boolean>;
  has(key: string): Promise<boolean>;
  clear(): Promise<void>;
  iterator(namespace?: string): AsyncGenerator<string[], void>;
  on(event: string, listener: (...parameters: unknown[]) => void): KeyvStore;
}

/**
 * Keeps records in a Keyv 5, and with it in any store that Keyv has an adapter for.
 *
 * Keyv can't compare before it writes, so writes take turns in their process, and nothing coordinates them with
 * other processes (`scope: 'process'`). The keys are kept in an item of their own, since not every adapter can list them.
 * A Keyv that swallows errors (without `throwOnErrors`) is asked twice before a record counts as absent. Don't give it a `ttl`:
 * it would end the session. The Keyv stays yours to disconnect.
 *
 * @throws {TypeError} where `keyv` is none. Methods reject with `StorageUnavailableError`, also where the Keyv loses or changes strings.
 *
 * @example
 * ```ts
 * const store = createCredentialStore({ storage: keyvBackend(new Keyv(new KeyvRedis(url))) });
 * ```
 */
export function keyvBackend(keyv: KeyvLike): StorageBackend {
  requireMethods('keyv', keyv, ['get', 'set', 'delete']);
  // Keyv takes "keyv:a" for "a": no colon may be left in a key.
  const encode = encodeURIComponent;

  const read = async (key: string): Promise<unknown> => {
    const value = await keyv.get(encode(key));
    if (value !== undefined || keyv.throwOnErrors) return value;
    // The failure of its store looks like absence; asked directly, the store throws.
    const { store, namespace, useKeyPrefix } = keyv;
    const stored = namespace && useKeyPrefix !== false ? `${namespace}:${encode(key)}` : encode(key);
    const direct: unknown = await (store as Pick<KeyvLike, 'get'>).get(stored);
    return direct === undefined || direct === null ? undefined : keyv.get(encode(key));
  };

  const refuse = (action: string): never => {
    throw new StorageUnavailableError(
      `Keyv could not ${action}. Listen to its "error" event for the reason.`,
      { backend: 'keyv' },
    );
  };

  return textStoreBackend({
    name: 'keyv',
    persistent: !(keyv.store instanceof Map),
    identity: keyv.store ?? keyv,
    read,
    async write(key, value) {
      if ((await keyv.set(encode(key), value)) === false) refuse('write');
    },
    async remove(key) {
      // `false` is also what deleting nothing gives.
      if ((await keyv.delete(encode(key))) === false && (await read(key)) !== undefined) refuse('delete');
    },
  });
}

/**
 * Makes a backend a storage adapter of Keyv.
 *
 * Items are kept under keys of their own, so `clear()` leaves credentials in the same backend alone; it keeps to
 * Keyv's namespace. What Keyv writes replaces what is there, whole or not at all. How long an item lasts is kept in it by Keyv;
 * one that is never read again is not removed. The backend stays yours to close.
 *
 * @throws {TypeError} where `backend` is none.
 *
 * @example
 * ```ts
 * const keyv = new Keyv({ store: keyvStore(fileBackend({ app: 'my-tool' })) });
 * ```
 */
export function keyvStore(backend: StorageBackend): KeyvStore {
  requireMethods('backend', backend, backendMethods);
  const items = new Items('keyv', backend);
  const start = (namespace: string | undefined): string => (namespace ? `${namespace}:` : '');

  const store: KeyvStore = {
    // Keyv iterates the stores it knows; this name of theirs means "by the method iterator".
    opts: { dialect: 'redis', url: '' },
    get: async <Value>(key: string) => (await items.get(key)) as Value | undefined,

    async set(key, value) {
      if (typeof value !== 'string') {
        throw new TypeError('Keyv must serialize to strings here: leave "serialize" as it is.');
      }
      await items.set(key, value);
      return true;
    },

    delete: async (key) => (await items.take(key)) !== undefined,
    has: async (key) => items.has(key),
    clear: () => items.clear(start(store.namespace)),

    async *iterator(namespace?: string) {
      for (const key of await items.keys(start(namespace))) {
        const value = await items.get(key);
        if (value !== undefined) yield [key, value];
      }
    },

    // Errors reject; there are no events.
    on: () => store,
  };
  return store;
}
