import { StorageUnavailableError } from '../errors/StorageUnavailableError.js';
import type { MaybePromise, StorageBackend } from '../storage/StorageBackend.js';
import { attempt, isPromise } from '../async/isPromise.js';
import { toStorageError } from '../errors/toStorageError.js';
import { andThen } from './andThen.js';
import { KeyIndex } from './KeyIndex.js';
import { probeStore } from './probeStore.js';
import { sharedStore, runInTurn } from './sharedStore.js';
import type { TextStore } from './TextStore.js';

/**
 * A backend on a store that can't compare before it writes: `compareAndSet` takes turns by key within the process.
 * The store is tried at the first use; after a failure, again at the next.
 */
export function textStoreBackend(store: TextStore): StorageBackend {
  const { name, persistent } = store;
  const index = new KeyIndex(store);
  let probed: MaybePromise<void> | undefined;
  let isProbed = false;

  const probe = (): MaybePromise<void> => {
    if (isProbed) return undefined;
    probed ??= attempt(
      () => probeStore(store),
      () => {
        isProbed = true;
        probed = undefined;
      },
      (error: unknown) => {
        probed = undefined;
        throw error;
      },
    );
    const waiting = probed;
    // A probe that is over at once is not kept: what it left behind says how it went.
    if (!isPromise(waiting)) probed = undefined;
    return waiting;
  };

  const use = <T>(action: string, work: () => MaybePromise<T>): MaybePromise<T> =>
    attempt(
      () => andThen(probe(), work),
      (value) => value,
      (error: unknown): never => {
        throw toStorageError(error, action, name, {});
      },
    );

  const read = (key: string): MaybePromise<string | undefined> =>
    andThen(store.read(key), (value) => {
      if (value === undefined || value === null) return undefined;
      if (typeof value === 'string') return value;
      throw new StorageUnavailableError(`The storage "${name}" gave back ${typeof value} for a string.`, {
        backend: name,
      });
    });

  const write = async (key: string, current: string | undefined, next: string | undefined): Promise<void> => {
    if (next !== undefined) {
      if (current === undefined && !store.list) await index.add(key);
      await store.write(key, next);
    } else if (current !== undefined) {
      await store.remove(key);
      if (!store.list) await index.remove(key);
    }
  };

  return {
    name,
    scope: 'process',
    persistent,
    get: (key) => use('read', () => read(key)),

    async compareAndSet(key, expected, next) {
      const written = await use('write', () =>
        runInTurn(name, key, async () => {
          const current = await read(key);
          if (current !== expected) return false;
          await write(key, current, next);
          return true;
        }),
      );
      if (written) for (const listener of sharedStore(store.identity).listeners) listener(key);
      return written;
    },

    keys: (prefix) =>
      use('list its keys', () =>
        andThen(store.list ? store.list() : index.list(), (keys) =>
          [...keys].filter((key) => key.startsWith(prefix)),
        ),
      ),

    subscribe(listener) {
      const { listeners } = sharedStore(store.identity);
      // A function of its own, since one listener may subscribe twice.
      const hear = (key: string): void => listener(key);
      listeners.add(hear);
      return () => void listeners.delete(hear);
    },

    lease: (key, options) => sharedStore(store.identity).lease(key, options),
  };
}
