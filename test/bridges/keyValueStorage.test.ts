import { GoTrueClient } from '@supabase/auth-js';
import { QueryClient } from '@tanstack/query-core';
import { experimental_createQueryPersister } from '@tanstack/query-persist-client-core';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createJSONStorage, persist } from 'zustand/middleware';
import { createStore } from 'zustand/vanilla';
import { keyValueStorage } from '../../src/bridges/key-value.js';
import { fileBackend } from '../../src/storage/file.js';
import { memoryBackend } from '../../src/storage/memory.js';
import type { StorageBackend } from '../../src/storage/StorageBackend.js';
import { startGoTrueServer } from './startGoTrueServer.js';

let directory: string;
const opened: StorageBackend[] = [];

/** As another process would open it. */
function openFiles(): StorageBackend {
  const backend = fileBackend({ directory });
  opened.push(backend);
  return backend;
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'shelflife-key-value-'));
});
afterEach(async () => {
  for (const backend of opened.splice(0)) await backend.close?.();
  await rm(directory, { recursive: true, force: true });
});

describe('keyValueStorage', () => {
  test('refuses what is no backend', () => {
    // @ts-expect-error: nor is a Map.
    expect(() => keyValueStorage(new Map())).toThrow('compareAndSet');
  });

  test('answers at once on a backend that does', () => {
    const storage = keyValueStorage(memoryBackend());
    expect(storage.getItem('key')).toBeNull();
    expect(storage.setItem('key', 'value')).toBeUndefined();
    expect(storage.getItem('key')).toBe('value');
    expect(storage.removeItem('key')).toBeUndefined();
    expect(storage.getItem('key')).toBeNull();
  });

  test('lands the last of several writes that nobody waited for', async () => {
    const storage = keyValueStorage(openFiles());
    const writes = ['a', 'b', 'a', 'c'].map((value) => storage.setItem('key', value));
    await Promise.all(writes);
    expect(await storage.getItem('key')).toBe('c');
    void storage.setItem('key', 'd');
    await storage.removeItem('key');
    expect(await storage.getItem('key')).toBeNull();
  });

  test('lands every write, whoever writes the same key meanwhile', async () => {
    const [one, other] = [keyValueStorage(openFiles()), keyValueStorage(openFiles())];
    await Promise.all(
      Array.from({ length: 10 }, (_, index) => (index % 2 ? one : other).setItem('key', `value ${index}`)),
    );
    expect(await one.getItem('key')).toMatch(/^value \d$/);
    expect(await other.getItem('key')).toBe(await one.getItem('key'));
  });

  test('gives up on a backend that refuses every write', () => {
    const storage = keyValueStorage({ ...memoryBackend(), compareAndSet: () => false });
    expect(() => storage.setItem('key', 'value')).toThrow(
      expect.objectContaining({ name: 'ConflictError', message: expect.not.stringContaining('value') }),
    );
  });
});

describe('supabase-js keeps its session in our files', () => {
  let server: Awaited<ReturnType<typeof startGoTrueServer>>;
  beforeEach(async () => {
    server = await startGoTrueServer();
  });
  afterEach(() => server.close());

  const openClient = (backend = openFiles()) =>
    new GoTrueClient({
      url: server.url,
      storageKey: 'sb-test-auth-token',
      storage: keyValueStorage(backend),
      autoRefreshToken: false,
      detectSessionInUrl: false,
    });

  test('from sign-in through a restart and a refresh to sign-out', async () => {
    const { data } = await openClient().signInWithPassword({ email: 'ada@example.com', password: 'secret' });
    const first = data.session?.refresh_token;
    expect(first).toBeTypeOf('string');

    const restarted = openClient();
    expect((await restarted.getSession()).data.session?.refresh_token).toBe(first);
    expect((await restarted.refreshSession()).error).toBeNull();

    // The rotated token is what the next process finds: the old one would be refused.
    const next = openClient();
    const rotated = (await next.getSession()).data.session?.refresh_token;
    expect(rotated).not.toBe(first);
    expect((await next.refreshSession()).error).toBeNull();
    expect(server.seen).toEqual({ refreshes: 2, refusals: 0 });

    expect((await next.signOut()).error).toBeNull();
    expect((await openClient().getSession()).data.session).toBeNull();
  });
});

test('zustand persists a store, and has it at once when a backend answers at once', async () => {
  const backend = memoryBackend();
  const open = (storage: StorageBackend) =>
    createStore(
      persist(() => ({ count: 0 }), {
        name: 'counter',
        storage: createJSONStorage(() => keyValueStorage(storage)),
      }),
    );
  const store = open(backend);
  store.setState({ count: 1 });
  store.setState({ count: 2 });
  expect(open(backend).getState()).toEqual({ count: 2 });
  open(backend).persist.clearStorage();
  expect(open(backend).getState()).toEqual({ count: 0 });
});

test('zustand persists a store in files, with its last state', async () => {
  const open = () =>
    createStore(
      persist(() => ({ count: 0 }), {
        name: 'counter',
        storage: createJSONStorage(() => keyValueStorage(openFiles())),
        skipHydration: true,
      }),
    );
  const store = open();
  for (let count = 1; count <= 10; count++) store.setState({ count });
  await vi.waitFor(async () => {
    const reloaded = open();
    await reloaded.persist.rehydrate();
    expect(reloaded.getState()).toEqual({ count: 10 });
  });
});

test("TanStack Query's persister finds after a restart what a query got before", async () => {
  const backend = memoryBackend();
  let requests = 0;
  const fetchOnce = async () => {
    const { persisterFn } = experimental_createQueryPersister({ storage: keyValueStorage(backend) });
    const client = new QueryClient({
      defaultOptions: { queries: { persister: persisterFn as never, staleTime: 60_000, gcTime: Infinity } },
    });
    const data = await client.fetchQuery({
      queryKey: ['user'],
      queryFn: () => {
        requests += 1;
        return Promise.resolve({ name: 'Ada' });
      },
    });
    // The persister writes after the query is done.
    await vi.waitFor(async () => expect([...(await (backend.keys('') as string[]))]).toHaveLength(1));
    client.clear();
    return data;
  };
  expect([await fetchOnce(), await fetchOnce()]).toEqual([{ name: 'Ada' }, { name: 'Ada' }]);
  expect(requests).toBe(1);
});
