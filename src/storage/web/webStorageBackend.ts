import { StorageUnavailableError } from '../../errors/StorageUnavailableError.js';
import { toStorageError } from '../../errors/toStorageError.js';
import type { StorageBackend } from '../StorageBackend.js';
import { hintChannel } from './hintChannel.js';

/** What is used of a `Storage` object. */
export interface StorageArea {
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** A backend on an object of the Web Storage API, which is looked up anew for each use. */
export function webStorageBackend(
  name: string,
  persistent: boolean,
  lookUp: () => StorageArea | undefined,
): StorageBackend {
  const hints = hintChannel(`shelflife:${name}`);

  /** Probes by use: the getter may throw or give nothing, and Node 25 gives an object without methods. */
  const findArea = (): StorageArea => {
    let cause: unknown = 'There is no Storage object.';
    try {
      const area = lookUp();
      if (typeof area?.getItem === 'function') return area;
    } catch (error) {
      cause = error;
    }
    throw new StorageUnavailableError(
      `The storage "${name}" must be a Storage object. Allow site data, or choose another backend.`,
      { backend: name, cause },
    );
  };

  const use = <T>(action: string, work: (area: StorageArea) => T): T => {
    try {
      return work(findArea());
    } catch (error) {
      throw toStorageError(error, action, name, {});
    }
  };

  const get = (key: string): string | undefined => use('read', (area) => area.getItem(key) ?? undefined);

  const isOurs = (area: unknown): boolean => {
    try {
      const ours = findArea();
      return ours.key(0) !== undefined && ours === area;
    } catch {
      return false;
    }
  };

  return {
    name,
    scope: 'context',
    persistent,
    get,

    compareAndSet(key, expected, next) {
      if (get(key) !== expected) return false;
      use('write', (area) => (next === undefined ? area.removeItem(key) : area.setItem(key, next)));
      hints.post(key);
      return true;
    },

    keys: (prefix) =>
      use('list its keys', (area) => {
        const keys: string[] = [];
        for (let index = 0; ; index++) {
          const key = area.key(index);
          if (key === null) return keys;
          if (key.startsWith(prefix)) keys.push(key);
        }
      }),

    subscribe(listener) {
      const listening = new AbortController();
      const onStorage = ({ storageArea, key }: StorageEvent): void => {
        if (isOurs(storageArea)) listener(key ?? undefined);
      };
      // WebKit delivers nothing to a page that has not touched the area itself.
      isOurs(null);
      globalThis.addEventListener?.('storage', onStorage, listening);
      const unsubscribe = hints.subscribe(listener);
      return () => {
        listening.abort();
        unsubscribe();
      };
    },

    close: () => hints.close(),
  };
}
