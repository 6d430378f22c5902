import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { MaybePromise, StorageBackend } from '../../src/storage/StorageBackend.js';
import { memoryBackend } from '../../src/storage/memory.js';
import { testBackend } from '../../src/testing/index.js';
import { brokenBackends } from './brokenBackends.js';
import { mapBackend } from './mapBackend.js';

testBackend({ name: 'memory', create: memoryBackend, test });
testBackend({ name: 'ten lines over a Map', create: () => mapBackend(), test });
testBackend({ name: 'a Map behind promises', create: async () => slow(mapBackend()), test });

describe.concurrent('the suite refuses a backend that', () => {
  for (const { mistake, create, failing } of brokenBackends) {
    test(mistake, { timeout: 60_000 }, async () => {
      const failures = await failuresOf(create);
      expect(failures.map(({ title }) => title)).toEqual(expect.arrayContaining([...failing]));
      for (const { error } of failures) {
        expect(String(error)).toMatch(/^Error: .+, but .+/s);
      }
    });
  }
});

test('the suite finds no fault with the backends it should not', async () => {
  expect(await failuresOf(() => mapBackend())).toEqual([]);
});

test('each test gets a backend of its own, and closes it', async () => {
  let made = 0;
  let closed = 0;
  const failures = await failuresOf(() => {
    made += 1;
    return { ...mapBackend(), close: () => void (closed += 1) };
  });
  expect(failures).toEqual([]);
  expect(made).toBeGreaterThan(20);
  expect(closed).toBeGreaterThanOrEqual(made);
});

test('the suite leaves a shared storage as it found it', async () => {
  const values = new Map([['somebody else', 'value']]);
  expect(await failuresOf(() => mapBackend(values))).toEqual([]);
  expect([...values]).toEqual([['somebody else', 'value']]);
});

test('titles begin with the name of the backend and are all different', () => {
  const titles: string[] = [];
  testBackend({ name: 'mine', create: () => mapBackend(), test: (title) => void titles.push(title) });
  expect(titles.every((title) => title.startsWith('mine: '))).toBe(true);
  expect(new Set(titles).size).toBe(titles.length);
});

test('a failure to make the backend fails every test with that very error', async () => {
  const refusal = new Error('no server');
  const failures = await failuresOf(() => Promise.reject(refusal));
  expect(failures.length).toBeGreaterThan(20);
  expect(failures.every(({ error }) => error === refusal)).toBe(true);
});

test.each([
  ['name', { name: 1, create: mapBackend, test: () => {} }],
  ['create', { name: 'x', create: mapBackend(), test: () => {} }],
  ['test', { name: 'x', create: mapBackend, test: undefined }],
])('a wrong %s is a TypeError that names it', (option, options) => {
  expect(() => testBackend(options as never)).toThrow(TypeError);
  expect(() => testBackend(options as never)).toThrow(option);
});

test('the suite needs no test runner and no assertion library', async () => {
  const folder = new URL('../../src/testing/', import.meta.url);
  const imports = await importsBelow(folder);
  expect(imports.length).toBeGreaterThan(5);
  expect(imports.filter((specifier) => !specifier.startsWith('.'))).toEqual([]);
});

interface Failure {
  readonly title: string;
  readonly error: unknown;
}

/** Runs the whole suite as a runner of its own would, all tests at once. */
async function failuresOf(create: () => MaybePromise<StorageBackend>): Promise<Failure[]> {
  const failures: Failure[] = [];
  const running: Promise<void>[] = [];
  testBackend({
    name: 'it',
    create,
    test: (title, run) => {
      running.push(
        run().catch((error: unknown) => void failures.push({ title: title.slice('it: '.length), error })),
      );
    },
  });
  await Promise.all(running);
  return failures;
}

async function turn(): Promise<void> {
  await new Promise((resolve) => void setImmediate(resolve));
}

function slow(backend: StorageBackend): StorageBackend {
  return {
    ...backend,
    async get(key) {
      await turn();
      return backend.get(key);
    },
    async compareAndSet(key, expected, next) {
      await turn();
      return backend.compareAndSet(key, expected, next);
    },
    async *keys(prefix) {
      for await (const key of await backend.keys(prefix)) {
        await turn();
        yield key;
      }
    },
  };
}

async function importsBelow(folder: URL): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true });
  const sources = await Promise.all(
    entries.filter((name) => name.endsWith('.ts')).map((name) => readFile(new URL(name, folder), 'utf8')),
  );
  return sources.flatMap((source) =>
    [...source.matchAll(/^import .*'(.+)';$/gm)].map(([, specifier = '']) => specifier),
  );
}
