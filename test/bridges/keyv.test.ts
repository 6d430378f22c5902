import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Keyv } from 'keyv';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { keyvBackend, keyvStore } from '../../src/bridges/keyv.js';
import { fileBackend } from '../../src/storage/file.js';
import { memoryBackend } from '../../src/storage/memory.js';
import { createCredentialStore } from '../../src/createCredentialStore.js';
import { testBackend } from '../../src/testing/index.js';

const credentials = { access_token: 'the access token', refresh_token: 'the refresh token' };

testBackend({ name: 'keyv', create: () => keyvBackend(new Keyv()), test });
testBackend({
  name: 'keyv, on a backend of ours',
  create: () => keyvBackend(new Keyv({ store: keyvStore(memoryBackend()), namespace: 'conformance' })),
  test,
});

describe('keyvBackend', () => {
  test('says whether Keyv keeps its values in memory', () => {
    expect(keyvBackend(new Keyv())).toMatchObject({ name: 'keyv', scope: 'process', persistent: false });
    expect(keyvBackend(new Keyv(keyvStore(memoryBackend()))).persistent).toBe(true);
  });

  test('refuses what is no Keyv', () => {
    // @ts-expect-error: a Map has neither of all three.
    expect(() => keyvBackend({ get() {} })).toThrow(TypeError);
  });

  test('keeps credentials apart whose keys Keyv takes for the same', async () => {
    const backend = keyvBackend(new Keyv({ namespace: 'shelflife' }));
    await backend.compareAndSet('shelflife:default', undefined, 'one');
    await backend.compareAndSet('default', undefined, 'other');
    expect([await backend.get('shelflife:default'), await backend.get('default')]).toEqual(['one', 'other']);
  });

  test.each([false, true])(
    'never takes a failure for absence, with throwOnErrors %s',
    async (throwOnErrors) => {
      const store = Object.assign(new Map<string, unknown>(), { isDown: false });
      const failing = {
        get: async (key: string) => {
          if (store.isDown) throw new Error('connection lost');
          return store.get(key);
        },
        set: async (key: string, value: unknown) => {
          if (store.isDown) throw new Error('connection lost');
          store.set(key, value);
        },
        delete: async (key: string) => {
          if (store.isDown) throw new Error('connection lost');
          return store.delete(key);
        },
        clear: async () => {},
        on: () => failing,
        opts: {},
      };
      const keyv = new Keyv({ store: failing, throwOnErrors });
      const { entry } = createCredentialStore({ storage: keyvBackend(keyv) });
      await entry().set(credentials);
      store.isDown = true;
      await expect(entry().get()).rejects.toMatchObject({ name: 'StorageUnavailableError' });
      await expect(entry().set({ access_token: 'another token' })).rejects.toMatchObject({
        name: 'StorageUnavailableError',
      });
      await expect(entry().delete()).rejects.toMatchObject({ name: 'StorageUnavailableError' });
      store.isDown = false;
      expect(await entry().get()).toEqual(credentials);
    },
  );

  test('refuses a Keyv whose values do not last', async () => {
    const backend = keyvBackend(
      new Keyv({ serialize: () => '{}', deserialize: () => ({ value: 'x' as never }) }),
    );
    await expect(backend.get('key')).rejects.toMatchObject({
      name: 'StorageUnavailableError',
      message: expect.stringContaining('changed'),
    });
  });
});

// What Keyv's documentation asks of an adapter. Its own suite needs a compiler for SQLite to be installed.
describe.each(['memory', 'file'] as const)('keyvStore on a %s backend', (kind) => {
  let directory: string;
  const backendOf = () => (kind === 'file' ? fileBackend({ directory }) : memoryBackend());
  let backend: ReturnType<typeof backendOf>;
  let keyv: Keyv;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'shelflife-keyv-'));
    backend = backendOf();
    keyv = new Keyv({ store: keyvStore(backend), throwOnErrors: true });
  });
  afterEach(async () => {
    await backend.close?.();
    await rm(directory, { recursive: true, force: true });
  });

  test('keeps any value that JSON has, until it is deleted', async () => {
    for (const value of ['text', '', 0, false, null, { nested: [1, 'two'] }, Buffer.from('bytes')]) {
      expect(await keyv.set('key', value)).toBe(true);
      expect(await keyv.get('key')).toEqual(value === null ? null : value);
    }
    expect(await keyv.has('key')).toBe(true);
    expect(await keyv.delete('key')).toBe(true);
    expect(await keyv.delete('key')).toBe(false);
    expect(await keyv.get('key')).toBeUndefined();
    expect(await keyv.has('key')).toBe(false);
  });

  test('lets values end', async () => {
    await keyv.set('key', 'value', 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await keyv.get('key')).toBeUndefined();
  });

  test('reads, writes and deletes many', async () => {
    await keyv.setMany([
      { key: 'a', value: 1 },
      { key: 'b', value: 2 },
    ]);
    expect(await keyv.getMany(['a', 'missing', 'b'])).toEqual([1, undefined, 2]);
    expect(await keyv.hasMany(['a', 'missing'])).toEqual([true, false]);
    expect(await keyv.deleteMany(['a', 'b'])).toBe(true);
    expect(await keyv.getMany(['a', 'b'])).toEqual([undefined, undefined]);
  });

  test('keeps namespaces apart, in iteration and when one is cleared', async () => {
    const [red, blue] = ['red', 'blue'].map(
      (namespace) => new Keyv({ store: keyvStore(backend), namespace }),
    );
    await red!.set('key', 'r');
    await blue!.set('key', 'b');
    const found: unknown[] = [];
    for await (const item of red!.iterator!(undefined)) found.push(item);
    expect(found).toEqual([['key', 'r']]);
    await red!.clear();
    expect([await red!.get('key'), await blue!.get('key')]).toEqual([undefined, 'b']);
  });

  test('leaves credentials in the same backend alone', async () => {
    const { entry } = createCredentialStore({ storage: backend, namespace: 'keyv' });
    await entry().set(credentials);
    await keyv.set('default', 'value');
    await new Keyv({ store: keyvStore(backend), useKeyPrefix: false }).clear();
    await keyv.clear();
    expect(await entry().get()).toEqual(credentials);
  });

  test('lands the last of several writes that nobody waited for', async () => {
    const writes = Array.from({ length: 10 }, (_, index) => keyv.set('key', index));
    await Promise.all(writes);
    expect(await keyv.get('key')).toBe(9);
  });
});
