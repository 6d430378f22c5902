import { ConflictError } from '../errors/ConflictError.js';
import { CorruptRecordError } from '../errors/CorruptRecordError.js';
import type { StorageBackend } from '../storage/StorageBackend.js';
import { mergeCaches, type TokenCacheState } from './mergeCaches.js';
import { backendMethods, requireMethods } from './requireMethods.js';
import { Turns } from './Turns.js';

/** What is used of MSAL's token cache. */
export interface MsalTokenCache {
  deserialize(cache: string): void;
  serialize(): string;
  /** The entities in memory, by key; not in MSAL's interface, but in its class. */
  getKVStore?(): object;
}

/** What is used of MSAL's `TokenCacheContext`. */
export interface MsalCacheContext {
  readonly cacheHasChanged: boolean;
  readonly tokenCache: MsalTokenCache;
}

/** The `ICachePlugin` of MSAL Node. */
export interface MsalCachePlugin {
  beforeCacheAccess(context: MsalCacheContext): Promise<void>;
  afterCacheAccess(context: MsalCacheContext): Promise<void>;
}

/** Options of `msalCachePlugin`. */
export interface MsalCachePluginOptions {
  /** Names the cache, where a backend holds several: `default` if left out. */
  readonly key?: string;
}

/** Milliseconds after which an access that did not come to its end no longer keeps others waiting. */
const patience = 10_000;
/** A backend that refuses this often refuses always. */
const mostTries = 1000;

/**
 * Keeps the token cache of MSAL Node in a backend, for any number of apps and processes at once.
 *
 * Each change is put onto what others wrote meanwhile, entity by entity: no app removes another's tokens, as a
 * plugin that reads and then writes the whole cache does. Accesses of one plugin take turns, since MSAL replaces its memory at
 * each read. The backend stays yours to close.
 *
 * @throws {TypeError} where `backend` is none or `key` is no string. Token requests reject with what the backend throws, and with
 * `CorruptRecordError` where the stored cache is no JSON; it is left as it is.
 *
 * @example
 * ```ts
 * const cachePlugin = msalCachePlugin(fileBackend({ app: 'my-tool' }));
 * const app = new PublicClientApplication({ auth: { clientId }, cache: { cachePlugin } });
 * ```
 */
export function msalCachePlugin(
  backend: StorageBackend,
  { key = 'default' }: MsalCachePluginOptions = {},
): MsalCachePlugin {
  requireMethods('backend', backend, backendMethods);
  if (typeof key !== 'string') throw new TypeError('The option "key" must be a string.');
  const stored = `msal#item:${key}`;
  const accesses = new WeakMap<MsalCacheContext, { readonly base: string | undefined; end(): void }>();
  const turns = new Turns(patience);

  const parse = (text: string | undefined): TokenCacheState => {
    try {
      return JSON.parse(text ?? '{}') as TokenCacheState;
    } catch {
      // Never with its cause: JSON.parse quotes what it read.
      throw new CorruptRecordError('The token cache of MSAL is damaged. Remove it, and sign in again.', {
        key,
        backend: backend.name,
      });
    }
  };

  /** MSAL adds what it reads to what it remembers, which may have been signed out elsewhere. */
  const forget = (cache: MsalTokenCache): void => {
    const remembered = cache.getKVStore?.();
    if (!remembered) return;
    for (const section of Object.values(parse(cache.serialize()))) {
      for (const name of Object.keys(section ?? {})) Reflect.deleteProperty(remembered, name);
    }
  };

  const save = async (base: string | undefined, mine: string): Promise<void> => {
    let expected = base;
    let next = mine;
    for (let tries = mostTries; tries > 0; tries--) {
      if (next === expected) return;
      if (await backend.compareAndSet(stored, expected, next)) return;
      expected = await backend.get(stored);
      next = JSON.stringify(mergeCaches(parse(base), parse(mine), parse(expected)));
    }
    throw new ConflictError('The token cache of MSAL could not be written: every write was refused.', {
      key,
      backend: backend.name,
    });
  };

  return {
    async beforeCacheAccess(context) {
      const end = await turns.take();
      try {
        const base = await backend.get(stored);
        parse(base);
        forget(context.tokenCache);
        context.tokenCache.deserialize(base ?? '{}');
        accesses.set(context, { base, end });
      } catch (error) {
        end();
        throw error;
      }
    },

    async afterCacheAccess(context) {
      const access = accesses.get(context);
      // MSAL calls this also where what came before has failed.
      if (!access) return;
      accesses.delete(context);
      try {
        if (context.cacheHasChanged) await save(access.base, context.tokenCache.serialize());
      } finally {
        access.end();
      }
    },
  };
}
