import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { createCredentialStore, memoryBackend, StorageUnavailableError } from '../../src/index.js';
import { fallbackBackend } from '../../src/fallback/fallback.js';
import { fileBackend } from '../../src/storage/file.js';
import { indexedDBBackend } from '../../src/storage/indexeddb.js';
import type { StorageBackend } from '../../src/storage/StorageBackend.js';
import { testBackend } from '../../src/testing/index.js';
import { frailBackend, immortal, sharedValues } from './frailBackend.js';

const parent = await mkdtemp(join(tmpdir(), 'shelflife-fallback-'));
afterAll(() => rm(parent, { recursive: true, force: true }));

const broken = (): StorageBackend => frailBackend('broken', sharedValues(), immortal(), () => true);
let count = 0;
const directory = (): string => join(parent, String((count += 1)));
const listOf = async (backend: StorageBackend, prefix = ''): Promise<string[]> => {
  const keys: string[] = [];
  for await (const key of await backend.keys(prefix)) keys.push(key);
  return keys;
};

describe('conformance', () => {
  testBackend({ name: 'of one', create: () => fallbackBackend([memoryBackend()]), test });
  testBackend({ name: 'of two', create: () => fallbackBackend([memoryBackend(), memoryBackend()]), test });
  testBackend({
    name: 'the second of two',
    create: () => fallbackBackend([broken(), memoryBackend()]),
    test,
  });
  testBackend({
    name: 'the second of three',
    create: () => fallbackBackend([broken(), memoryBackend(), memoryBackend()]),
    test,
  });
  testBackend({
    name: 'files, before memory',
    create: () => fallbackBackend([fileBackend({ directory: directory() }), memoryBackend()]),
    test,
  });
  testBackend({
    name: 'a fallback in a fallback',
    create: () => fallbackBackend([fallbackBackend([broken(), memoryBackend()]), memoryBackend()]),
    test,
  });
});

describe('a fallback', () => {
  test('serves from the first that works, and says through health which one and why', async () => {
    // Node has no IndexedDB.
    const store = createCredentialStore({ storage: fallbackBackend([indexedDBBackend(), memoryBackend()]) });
    await store.entry().set({ access_token: 'a synthetic token', expires_in: null });
    expect(store.health.value).toMatchObject({ status: 'degraded', backend: 'memory', persistent: false });
    expect(store.health.value.error).toBeInstanceOf(StorageUnavailableError);
    expect(store.health.value.error?.message).toMatch(
      /"indexeddb" can't be used .*; "memory" is used instead/s,
    );
    expect(await store.entry().getAccessToken()).toBe('a synthetic token');
    await store.close();
  });

  test('is well where the first works', async () => {
    const store = createCredentialStore({ storage: fallbackBackend([memoryBackend(), memoryBackend()]) });
    await store.entry().get();
    expect(store.health.value).toMatchObject({ status: 'ok', backend: 'memory', error: undefined });
  });

  test('gives up on a layer that never answers', async () => {
    vi.useFakeTimers();
    try {
      const silent: StorageBackend = {
        ...memoryBackend(),
        name: 'silent',
        compareAndSet: () => new Promise(() => {}),
      };
      const backend = fallbackBackend([silent, memoryBackend()]);
      const reading = backend.get('key');
      await vi.advanceTimersByTimeAsync(2000);
      expect([await reading, backend.name]).toEqual([undefined, 'memory']);
    } finally {
      vi.useRealTimers();
    }
  });

  test('takes no layer that forgets what is written', async () => {
    const forgetful: StorageBackend = { ...memoryBackend(), name: 'forgetful', compareAndSet: () => true };
    const backend = fallbackBackend([forgetful, memoryBackend()]);
    await backend.get('key');
    expect(backend.name).toBe('memory');
  });

  test('says what is wrong with each where none works, and tries again', async () => {
    let isDown = true;
    const layers = ['one', 'two'].map((name) => frailBackend(name, sharedValues(), immortal(), () => isDown));
    const backend = fallbackBackend([layers[0]!, layers[1]!]);
    await expect(backend.get('key')).rejects.toThrow(/"one" can't be used .*"two" can't be used/);
    isDown = false;
    expect(await backend.get('key')).toBe(undefined);
  });

  test('moves a record up when it is found, and leaves no copy', async () => {
    const [high, low] = [memoryBackend(), memoryBackend()];
    await low.compareAndSet('key', undefined, 'value');
    const backend = fallbackBackend([high, low]);
    expect(await listOf(backend)).toEqual(['key']);
    expect(await backend.get('key')).toBe('value');
    expect([await high.get('key'), await low.get('key')]).toEqual(['value', undefined]);
    expect(await listOf(backend)).toEqual(['key']);
  });

  test('moves a record up before it is written, and creates none over it', async () => {
    const [high, low] = [memoryBackend(), memoryBackend()];
    await low.compareAndSet('key', undefined, 'value');
    const backend = fallbackBackend([high, low]);
    expect(await backend.compareAndSet('key', undefined, 'mine')).toBe(false);
    expect(await backend.compareAndSet('key', 'value', 'next')).toBe(true);
    expect([await high.get('key'), await low.get('key')]).toEqual(['next', undefined]);
  });

  test('deletes from the lowest layer first', async () => {
    const deleted: string[] = [];
    const watched = (name: string): StorageBackend => {
      const memory = memoryBackend();
      return {
        ...memory,
        name,
        compareAndSet(key, expected, next) {
          if (key === 'key' && next === undefined) deleted.push(name);
          return memory.compareAndSet(key, expected, next);
        },
      };
    };
    const backend = fallbackBackend([watched('high'), watched('middle'), watched('low')]);
    await backend.compareAndSet('key', undefined, 'value');
    deleted.length = 0;
    await backend.compareAndSet('key', 'value', undefined);
    expect(deleted).toEqual(['low', 'middle', 'high']);
  });

  test('never says "absent" of what a layer holds that can\'t be used, and moves up once it can', async () => {
    const [high, low] = [sharedValues(), sharedValues()];
    const open = (isDown: () => boolean): StorageBackend =>
      fallbackBackend([frailBackend('high', high, immortal(), isDown), frailBackend('low', low, immortal())]);
    await open(() => false).compareAndSet('key', undefined, 'value');
    let isDown = true;
    const backend = open(() => isDown);
    await expect(backend.get('key')).rejects.toThrow(StorageUnavailableError);
    await expect(backend.compareAndSet('key', 'value', undefined)).rejects.toThrow(StorageUnavailableError);
    expect(await listOf(backend)).toEqual(['key']);
    expect(await backend.get('another')).toBe(undefined);
    isDown = false;
    expect([await backend.get('key'), backend.name]).toEqual(['value', 'high']);
  });

  test('lets those who were served from below find what was written there in the layer above', async () => {
    const [high, low] = [sharedValues(), sharedValues()];
    let isDown = true;
    const open = (isHighDown: () => boolean): StorageBackend =>
      fallbackBackend([
        frailBackend('high', high, immortal(), isHighDown),
        frailBackend('low', low, immortal()),
      ]);
    const [left, right] = [open(() => isDown), open(() => false)];
    await left.compareAndSet('key', undefined, 'from below');
    isDown = false;
    expect(await right.get('key')).toBe('from below');
    expect(await right.compareAndSet('key', 'from below', 'from above')).toBe(true);
    expect([await left.get('key'), left.name]).toEqual(['from above', 'high']);
  });

  test('lets a record be created below again once it is deleted above', async () => {
    const [high, low] = [sharedValues(), sharedValues()];
    const open = (isDown: boolean): StorageBackend =>
      fallbackBackend([
        frailBackend('high', high, immortal(), () => isDown),
        frailBackend('low', low, immortal()),
      ]);
    const backend = open(false);
    await backend.compareAndSet('key', undefined, 'value');
    await backend.compareAndSet('key', 'value', undefined);
    expect(await open(true).compareAndSet('key', undefined, 'another')).toBe(true);
  });

  test('has many contexts move and write one record at once, and loses no increment', async () => {
    const values = [sharedValues(), sharedValues()] as const;
    await values[1].backend.compareAndSet('count', undefined, '0 at first');
    const contexts = Array.from({ length: 6 }, () =>
      fallbackBackend([
        frailBackend('high', values[0], immortal()),
        frailBackend('low', values[1], immortal()),
      ]),
    );
    await Promise.all(
      contexts.map(async (backend, index) => {
        for (let done = 0; done < 10;) {
          const value = await backend.get('count');
          if (await backend.compareAndSet('count', value, `${Number.parseInt(value!, 10) + 1} by ${index}`))
            done += 1;
        }
      }),
    );
    expect(Number.parseInt((await contexts[0]!.get('count'))!, 10)).toBe(60);
    expect(await values[1].backend.get('count')).toBe(undefined);
  });

  test('does not take one storage for two', async () => {
    const shared = sharedValues();
    const [one, same] = [frailBackend('one', shared, immortal()), frailBackend('same', shared, immortal())];
    const backend = fallbackBackend([one, same]);
    await backend.compareAndSet('key', undefined, 'first');
    expect(await backend.compareAndSet('key', 'first', 'second')).toBe(true);
    expect(await backend.get('key')).toBe('second');
  });

  test('tries its layers anew after it was closed', async () => {
    let isDown = true;
    const high = frailBackend('high', sharedValues(), immortal(), () => isDown);
    const backend = fallbackBackend([high, memoryBackend()]);
    await backend.get('key');
    await backend.close!();
    isDown = false;
    await backend.get('key');
    expect(backend.name).toBe('high');
  });

  const twice = memoryBackend();
  test.each([
    undefined,
    [],
    memoryBackend(),
    [undefined],
    [{}],
    [twice, twice],
    [fallbackBackend([twice]), twice],
    [fallbackBackend([fallbackBackend([twice])]), fallbackBackend([twice])],
  ])('refuses %o', (backends) => {
    expect(() => fallbackBackend(backends as never)).toThrow(TypeError);
  });

  test('takes no notice of what is done to the array afterwards', async () => {
    const backends: [StorageBackend, ...StorageBackend[]] = [memoryBackend()];
    const backend = fallbackBackend(backends);
    backends[0] = backend;
    expect(await backend.get('key')).toBe(undefined);
  });
});
