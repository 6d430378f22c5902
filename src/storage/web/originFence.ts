import { StorageUnavailableError } from '../../errors/StorageUnavailableError.js';
import { keepConnection } from '../indexeddb/keepConnection.js';
import { fingerprint } from './fingerprint.js';
import { nextStorageEvent } from './nextStorageEvent.js';
import { pageRegistry } from './pageRegistry.js';
import type { AreaAccess, StorageArea } from './storageArea.js';

/** What the fence keeps: the write that came last, of all keys. */
interface Write {
  readonly key: string;
  /** The fingerprint of the text; '' where it was deleted. */
  readonly revision: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What an attempt comes to; `Write`: this page's view does not show that write yet. */
type Outcome = 'written' | 'refused' | Write;

/** Makes `compareAndSet` on localStorage atomic across tabs. */
export interface OriginFence {
  /** Whether it was never to be had in this page: IndexedDB does not open. */
  readonly isMissing: boolean;
  compareAndSet(key: string, expected: string | undefined, next: string | undefined): Promise<boolean>;
  /** Resolves when this page sees what all tabs have written by now. */
  catchUp(): Promise<void>;
  close(): void;
}

/** How long a write may take to be shown in another tab, and how long it is waited for at least, in milliseconds. */
const longestWait = 2000;
const leastWait = 250;
const head = 'last write';

/**
 * A fence in a small IndexedDB, `database`, whose transactions come one after the other in all tabs. In one of them a
 * writer makes sure that its page shows the last write of anybody, compares, writes into localStorage, and notes
 * its own write as the last. Browsers show a tab the writes of others in one order, so one note is enough for all keys.
 */
export function originFence(database: string, backend: string, access: AreaAccess): OriginFence {
  const connection = keepConnection(database, { backend, durability: 'relaxed' });
  let hasWorked = false;
  let isMissing = false;

  const noteOf = (key: string, text: string | null | undefined): Write => ({
    key,
    revision: typeof text === 'string' ? fingerprint(text) : '',
    at: Date.now(),
  });

  /** Whether this page's view of localStorage is as new as the last write. */
  const isShown = (area: StorageArea, last: Write): boolean => {
    if (pageRegistry().shownWrite === nameOf(last)) return true;
    if (noteOf(last.key, area.getItem(last.key)).revision !== last.revision) return false;
    // Values never repeat, but to have none does.
    if (last.revision === '' && !hasPassed(leastWait, last.at)) return false;
    pageRegistry().shownWrite = nameOf(last);
    return true;
  };

  /** One transaction. `isSettled`: what the view does not show by now is never going to come. */
  const attempt = (isSettled: boolean, work: (area: StorageArea) => Write | undefined): Promise<Outcome> =>
    connection.use(
      'readwrite',
      (store) =>
        new Promise<Outcome>((resolve, reject) => {
          const { transaction } = store;
          hasWorked = true;
          let outcome: Outcome = 'refused';
          let failure: unknown;
          const request = store.get(head);
          request.onsuccess = () => {
            try {
              const last = request.result as Write | undefined;
              const area = access.find();
              if (last && !isSettled && !isShown(area, last)) outcome = last;
              else {
                const note = work(area);
                if (note) outcome = 'written';
                const next = note ?? (last && isSettled && noteOf(last.key, area.getItem(last.key)));
                if (next) {
                  store.put(next, head);
                  pageRegistry().shownWrite = nameOf(next);
                }
              }
              // From here on it ends without this page.
              transaction.commit?.();
            } catch (error) {
              failure = error;
              transaction.abort();
            }
          };
          transaction.oncomplete = () => resolve(outcome);
          transaction.onabort = () => reject(failure ?? transaction.error);
        }),
    );

  /** Tries until the view of this page shows what others wrote; what it does not show in time counts as lost. */
  const untilShown = async (work: (area: StorageArea) => Write | undefined): Promise<boolean> => {
    let awaited: string | undefined;
    let since = 0;
    for (let pause = 1, isSettled = false; ; pause = Math.min(pause * 2, 50)) {
      const outcome: Outcome = await attempt(isSettled, work).catch((error: unknown) => {
        isMissing = !hasWorked && error instanceof StorageUnavailableError;
        throw error;
      });
      if (typeof outcome === 'string') return outcome === 'written';
      if (awaited !== nameOf(outcome)) {
        awaited = nameOf(outcome);
        since = performance.now();
      }
      const patience: number = hasPassed(longestWait, outcome.at) ? leastWait : longestWait;
      isSettled = performance.now() - since >= patience;
      if (!isSettled) await nextStorageEvent(pause);
    }
  };

  return {
    get isMissing() {
      return isMissing;
    },
    async compareAndSet(key, expected, next) {
      // What this page has seen replaced does not come back.
      const before = access.use('read', (area) => area.getItem(key));
      if ((before ?? undefined) !== expected) return false;
      return untilShown((area) => {
        const stored = area.getItem(key) ?? undefined;
        // Values never repeat: if ours is there, an attempt that seemed to fail was successful after all.
        if (stored !== expected && (next === undefined || stored !== next)) return undefined;
        if (next === undefined) area.removeItem(key);
        else area.setItem(key, next);
        return noteOf(key, next);
      });
    },
    catchUp: async () => void (await untilShown(() => undefined)),
    close: () => connection.close(),
  };
}

function nameOf({ key, revision, at }: Write): string {
  return `${at} ${revision} ${key}`;
}

/** Whether so many milliseconds have passed; not where the clock was set back meanwhile. */
function hasPassed(milliseconds: number, since: number): boolean {
  return Date.now() - since >= milliseconds;
}
