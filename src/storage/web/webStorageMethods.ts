import type { MaybePromise, StorageBackend } from '../StorageBackend.js';
import { pageHints } from './pageHints.js';
import type { AreaAccess } from './storageArea.js';

/** What a backend on Web Storage does across tabs; without it, each tab has a storage of its own. */
export interface AcrossTabs {
  /** `alone`: the comparison and the write of this page, for where there is nothing better. */
  compareAndSet(
    key: string,
    expected: string | undefined,
    next: string | undefined,
    alone: () => boolean,
  ): MaybePromise<boolean>;
  /** Another tab changed something. */
  sighted(): void;
  /** Somebody uses the storage; `hint` is called when it turns out that other tabs do so too. */
  lookOut(hint: () => void): () => void;
  close(): void;
}

/** What web storage backends have in common: everything but names, scopes and leases. */
export type WebStorageMethods = Required<
  Pick<StorageBackend, 'get' | 'compareAndSet' | 'keys' | 'subscribe' | 'close'>
>;

/** The methods of a backend on an object of the Web Storage API. */
export function webStorageMethods(
  name: string,
  area: AreaAccess,
  acrossTabs?: AcrossTabs,
): WebStorageMethods {
  const hints = pageHints(name);

  const get = (key: string): string | undefined =>
    area.use('read', (storage) => storage.getItem(key) ?? undefined);

  const told = (key: string, isWritten: boolean): boolean => {
    if (isWritten) hints.post(key);
    return isWritten;
  };

  return {
    get,

    compareAndSet(key, expected, next) {
      const alone = (): boolean => {
        if (get(key) !== expected) return false;
        area.use('write', (storage) =>
          next === undefined ? storage.removeItem(key) : storage.setItem(key, next),
        );
        return true;
      };
      const outcome = acrossTabs ? acrossTabs.compareAndSet(key, expected, next, alone) : alone();
      if (typeof outcome === 'boolean') return told(key, outcome);
      return outcome.then((isWritten) => told(key, isWritten));
    },

    keys: (prefix) =>
      area.use('list its keys', (storage) => {
        const keys: string[] = [];
        for (let index = 0; ; index++) {
          const key = storage.key(index);
          if (key === null) return keys;
          if (key.startsWith(prefix)) keys.push(key);
        }
      }),

    subscribe(listener) {
      const listening = new AbortController();
      const onStorage = ({ storageArea, key }: StorageEvent): void => {
        if (!area.is(storageArea)) return;
        acrossTabs?.sighted();
        listener(key ?? undefined);
      };
      // WebKit delivers nothing to a page that has not touched the area itself.
      try {
        area.find().key(0);
      } catch {
        // Reads will say so.
      }
      globalThis.addEventListener?.('storage', onStorage, listening);
      const unsubscribe = hints.subscribe(listener);
      const endLookout = acrossTabs?.lookOut(() => listener(undefined));
      return () => {
        listening.abort();
        unsubscribe();
        endLookout?.();
      };
    },

    close() {
      hints.close();
      acrossTabs?.close();
    },
  };
}
