import type { MaybePromise, StorageBackend } from '../storage/StorageBackend.js';
import { type ConformanceTest, openBench } from './backend/bench.js';
import { closingTests } from './backend/closing.js';
import { concurrencyTests } from './backend/concurrency.js';
import { hintTests } from './backend/hints.js';
import { keyTests } from './backend/keys.js';
import { leaseTests } from './backend/leases.js';
import { memberTests } from './backend/members.js';
import { quarantineTests } from './backend/quarantine.js';
import { valueTests } from './backend/values.js';

/** What `testBackend` is told. */
export interface TestBackendOptions {
  /** Begins the title of every test. */
  readonly name: string;
  /** Makes the backend under test, once for each test; it is closed when the test ends. */
  readonly create: () => MaybePromise<StorageBackend>;
  /** The function of your test runner that registers a test: of vitest, node:test, jest, mocha, bun or Deno. */
  readonly test: (title: string, run: () => Promise<void>) => unknown;
}

const suite: readonly ConformanceTest[] = [
  ...memberTests,
  ...valueTests,
  ...keyTests,
  ...concurrencyTests,
  ...hintTests,
  ...leaseTests,
  ...quarantineTests,
  ...closingTests,
];

/**
 * Registers the tests that every storage backend has to pass. What a backend leaves out (`subscribe`, `lease`,
 * `quarantine`, `close`) is not asked of it.
 *
 * Each test works under random keys of its own and removes them, so a backend with other people's records in it
 * can be tested too. The whole takes seconds, but on a slow disk single tests can need more than a runner's
 * default timeout.
 *
 * @example
 * ```ts
 * import { test } from 'node:test';
 * import { testBackend } from 'shelflife/testing';
 *
 * testBackend({ name: 'redis', create: () => redisBackend({ url }), test });
 * ```
 */
export function testBackend({ name, create, test }: TestBackendOptions): void {
  if (typeof name !== 'string') throw new TypeError('name must be a string');
  if (typeof create !== 'function') throw new TypeError('create must be a function that makes a backend');
  if (typeof test !== 'function')
    throw new TypeError("test must be the runner's function that registers a test");

  for (const { title, run } of suite) {
    test(`${name}: ${title}`, async () => {
      const bench = openBench(await create());
      try {
        await run(bench);
      } finally {
        await bench.clear();
      }
    });
  }
}
