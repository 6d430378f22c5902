import type { StorageBackend } from '../../storage/StorageBackend.js';
import { demandSame } from './demand.js';
import { within } from './within.js';

/** What one conformance test works with. */
export interface Bench {
  readonly backend: StorageBackend;
  /** Begins every key of this test and of no other. */
  readonly prefix: string;
  /** A key of this test's own; whatever is stored under it is removed when the test ends. */
  readonly key: (suffix?: string) => string;
  /** Has a key that does not begin with the prefix removed too when the test ends. */
  readonly own: (key: string) => void;
  readonly read: (key: string) => Promise<string | undefined>;
  readonly compareAndSet: (
    key: string,
    expected: string | undefined,
    next: string | undefined,
  ) => Promise<boolean>;
  /** Writes what nobody else writes meanwhile. */
  readonly write: (key: string, next: string | undefined) => Promise<void>;
  readonly list: (prefix: string) => Promise<string[]>;
  /** Removes what the test left behind and closes the backend. Its failures must not hide the test's own. */
  readonly clear: () => Promise<void>;
}

/** One rule that every backend keeps, as a sentence, and the way to find out. */
export interface ConformanceTest {
  readonly title: string;
  readonly run: (bench: Bench) => Promise<void>;
}

export function openBench(backend: StorageBackend): Bench {
  const prefix = `conformance-${Math.random().toString(36).slice(2)}-`;
  const used = new Set<string>();

  const bench: Bench = {
    backend,
    prefix,

    key(suffix = 'key') {
      const key = prefix + suffix;
      used.add(key);
      return key;
    },

    own(key) {
      used.add(key);
    },

    read: (key) => within('get()', () => backend.get(key)),

    compareAndSet: (key, expected, next) =>
      within('compareAndSet()', () => backend.compareAndSet(key, expected, next)),

    async write(key, next) {
      const written = await bench.compareAndSet(key, await bench.read(key), next);
      demandSame(written, true, 'compareAndSet() given the value just read writes and returns true');
    },

    list: (startingWith) =>
      within('keys()', async () => {
        const keys: string[] = [];
        for await (const key of await backend.keys(startingWith)) keys.push(key);
        return keys;
      }),

    async clear() {
      for (const key of used) {
        try {
          await bench.compareAndSet(key, await bench.read(key), undefined);
        } catch {
          break;
        }
      }
      try {
        await within('close()', () => backend.close?.());
      } catch {
        // The closing tests say so.
      }
    },
  };
  return bench;
}
