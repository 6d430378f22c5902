import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createStorage, prefixStorage } from 'unstorage';
import fsDriver from 'unstorage/drivers/fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { unstorageBackend, unstorageDriver } from '../../src/bridges/unstorage.js';
import { fileBackend } from '../../src/storage/file.js';
import { memoryBackend } from '../../src/storage/memory.js';
import { createCredentialStore } from '../../src/createCredentialStore.js';
import { testBackend } from '../../src/testing/index.js';

const credentials = { access_token: 'the access token', refresh_token: 'the refresh token' };

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'shelflife-unstorage-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

testBackend({ name: 'unstorage', create: () => unstorageBackend(createStorage()), test });
testBackend({
  name: 'unstorage, on a backend of ours',
  create: () => unstorageBackend(createStorage({ driver: unstorageDriver(memoryBackend()) })),
  test,
});

describe('unstorageBackend', () => {
  test('says whether the driver keeps its values in memory', () => {
    expect(unstorageBackend(createStorage())).toMatchObject({
      name: 'unstorage',
      scope: 'process',
      persistent: false,
    });
    const storage = createStorage({ driver: fsDriver({ base: directory }) });
    expect(unstorageBackend(storage).persistent).toBe(true);
  });

  test('refuses what is no storage', () => {
    // @ts-expect-error: a driver is none.
    expect(() => unstorageBackend({ getItem() {} })).toThrow('setItem');
  });

  test('keeps credentials in files, for the next process, beside other data', async () => {
    const open = () => createStorage({ driver: fsDriver({ base: directory }) });
    const storage = open();
    await storage.setItem('settings', { theme: 'dark' });
    const own = prefixStorage(storage, 'credentials');
    await createCredentialStore({ storage: unstorageBackend(own) })
      .entry('a/b:c')
      .set(credentials);
    const again = createCredentialStore({ storage: unstorageBackend(prefixStorage(open(), 'credentials')) });
    expect(await again.keys()).toEqual(['a/b:c']);
    expect(await again.entry('a/b:c').get()).toEqual(credentials);
    await again.clear();
    expect(await open().getKeys()).toEqual(['settings']);
  });
});

describe.each(['memory', 'file'] as const)('unstorageDriver on a %s backend', (kind) => {
  let backend: ReturnType<typeof memoryBackend>;
  let storage: ReturnType<typeof createStorage>;
  beforeEach(() => {
    backend = kind === 'file' ? fileBackend({ directory }) : memoryBackend();
    storage = createStorage({ driver: unstorageDriver(backend) });
  });
  afterEach(async () => {
    await storage.dispose();
    await backend.close?.();
  });

  // What unstorage's own suite of drivers does, which is not in its package.
  test('keeps what storages keep', async () => {
    await storage.setItem('s1:a', 'test_data');
    await storage.setItem('s2:a', { nested: [1] });
    await storage.setItem('s3:a?q=1', true);
    expect(await storage.hasItem('s1:a')).toBe(true);
    expect(await storage.getItem('s1/a')).toBe('test_data');
    expect(await storage.getItem('s2:a')).toEqual({ nested: [1] });
    expect(await storage.getItem('s3:a')).toBe(true);
    expect(await storage.getItem('missing')).toBeNull();
    expect((await storage.getKeys()).toSorted()).toEqual(['s1:a', 's2:a', 's3:a']);
    expect(await storage.getKeys('s2')).toEqual(['s2:a']);
    expect(await storage.getItems(['s1:a', 's3:a'])).toEqual([
      { key: 's1:a', value: 'test_data' },
      { key: 's3:a', value: true },
    ]);
    await storage.removeItem('s1:a');
    expect(await storage.hasItem('s1:a')).toBe(false);
    await storage.clear();
    expect(await storage.getKeys()).toEqual([]);
  });

  test('keeps raw bytes', async () => {
    const bytes = new Uint8Array([1, 2, 255]);
    await storage.setItemRaw('raw', bytes);
    expect([...((await storage.getItemRaw('raw')) as Uint8Array)]).toEqual([1, 2, 255]);
  });

  test('tells watchers of its own writes, until they stop', async () => {
    const heard: string[] = [];
    const unwatch = await storage.watch((event, key) => heard.push(`${event} ${key}`));
    await storage.setItem('a:b', 1);
    await storage.removeItem('a:b');
    await unwatch();
    expect([heard[0], heard.includes('remove a:b')]).toEqual(['update a:b', true]);
    const told = heard.length;
    await storage.setItem('a:b', 2);
    expect(heard).toHaveLength(told);
  });

  test('leaves credentials in the same backend alone', async () => {
    const { entry } = createCredentialStore({ storage: backend, namespace: 'unstorage' });
    await entry().set(credentials);
    expect(await storage.getKeys()).toEqual([]);
    await storage.clear();
    expect(await entry().get()).toEqual(credentials);
  });
});

test('a storage hears of what another one wrote into the same files', async () => {
  const backends = [fileBackend({ directory }), fileBackend({ directory })] as const;
  const [here, there] = backends.map((backend) => createStorage({ driver: unstorageDriver(backend) }));
  const heard = new Promise<string>((resolve, reject) => {
    there!.watch((event, key) => resolve(`${event} ${key}`)).then(() => here!.setItem('a:b', 1), reject);
  });
  expect(await heard).toBe('update a:b');
  await Promise.all([here!.dispose(), there!.dispose()]);
  await Promise.all(backends.map((backend) => backend.close?.()));
});
