import { describe, expect, test } from 'vitest';
import { createCredentialStore, RefreshFailedError, type StorageBackend } from '../../src/index.js';
import { fakeClock } from '../../src/testing/index.js';
import {
  bareBackend,
  deferred,
  expiredTokens,
  leasedBackend,
  rejectionOf,
  sameStorage,
  tokens,
  turns,
  waitFor,
} from '../store/support.js';

const refreshToken = (text: string | undefined): unknown => /refresh-\w+-0123456789/.exec(text ?? '')?.[0];

describe('an answer that comes while another write is under way', () => {
  test.each(['update', 'invalidate'] as const)('of %s is stored after it', async (kind) => {
    const clock = fakeClock();
    const inner = bareBackend();
    const [answered, acknowledged] = [deferred(), deferred()];
    let isHeld = false;
    const entry = createCredentialStore({
      clock,
      autoRefresh: false,
      storage: {
        ...inner,
        async get(key) {
          return inner.get(key);
        },
        async compareAndSet(...change) {
          const changed = inner.compareAndSet(...change);
          if (isHeld) await acknowledged.promise;
          return changed;
        },
      },
      refresh: async () => {
        await answered.promise;
        return tokens('new', clock.now());
      },
    }).entry();
    await entry.set(tokens('old', clock.now()));
    const refreshed = entry.refresh();
    await turns();
    isHeld = true;
    const written =
      kind === 'update' ? entry.update((current) => ({ ...current, scope: 'x' })) : entry.invalidate();
    await turns();
    answered.resolve();
    await turns();
    isHeld = false;
    acknowledged.resolve();
    expect((await refreshed).refresh_token).toBe('refresh-new-0123456789');
    await written;
    expect(await entry.get()).toEqual(tokens('new', clock.now(), kind === 'update' ? { scope: 'x' } : {}));
    expect(refreshToken([...inner.values.values()].join())).toBe('refresh-new-0123456789');
  });
});

test('a refresh never reads while a write of its context is under way', async () => {
  const clock = fakeClock();
  const inner = bareBackend();
  const asked: unknown[] = [];
  const [read, written] = [deferred(), deferred()];
  let isReadSlow = false;
  let isWriteSlow = false;
  let isBroken = false;
  const entry = createCredentialStore({
    clock,
    autoRefresh: false,
    onError: () => {},
    storage: {
      ...inner,
      async get(key) {
        const text = inner.get(key);
        if (isReadSlow) await read.promise;
        return text;
      },
      async compareAndSet(...change) {
        if (isBroken) throw new Error('disk full');
        if (isWriteSlow) await written.promise;
        return inner.compareAndSet(...change);
      },
    },
    refresh: async ({ refresh_token }) => {
      asked.push(refresh_token);
      isBroken = asked.length === 1;
      return tokens(`new${asked.length}`, clock.now());
    },
  }).entry();
  await entry.set(expiredTokens('old', clock.now()));
  await rejectionOf(entry.refresh());
  isBroken = false;
  // Writes what waits in memory; meanwhile a refresh begins to read what is still stored.
  isWriteSlow = true;
  const updated = entry.update((current) => ({ ...current, scope: 'x' }));
  await turns();
  isReadSlow = true;
  const refreshed = entry.refresh();
  await turns();
  written.resolve();
  await turns();
  read.resolve();
  await Promise.all([updated, refreshed]);
  expect(asked).toEqual(['refresh-old-0123456789', 'refresh-new1-0123456789']);
});

test('a store that is closed leaves its refresh to the others on its backend', async () => {
  const clock = fakeClock();
  const storage = leasedBackend();
  const asked: string[] = [];
  const create = (name: string) =>
    createCredentialStore({
      storage,
      clock,
      timeout: 50,
      refreshTimeout: 2000,
      onError: () => {},
      refresh: async () => {
        asked.push(name);
        return tokens('new', clock.now());
      },
    });
  const [first, second] = [create('first'), create('second')];
  await first.entry().set(expiredTokens('old', clock.now()));
  const lease = await storage.lease!('shelflife:default', { signal: new AbortController().signal });
  const left = rejectionOf(first.entry().getAccessToken());
  await turns();
  const joined = second.entry().getAccessToken();
  await turns();
  second.entry().expiry.subscribe(() => {});
  await first.close();
  expect((await left).name).toBe('ClosedError');
  await lease.release();
  expect(await joined).toContain('new');
  await waitFor(() => second.entry().expiry.value.status === 'fresh');
  expect(second.entry().expiry.value.error).toBeUndefined();
  expect(asked).toEqual(['second']);
});

describe('what is overdue is seen to', () => {
  test('though a subscriber leaves in between', async () => {
    const clock = fakeClock();
    const entry = createCredentialStore({ storage: bareBackend(), clock }).entry();
    await entry.set(tokens('one', clock.now()));
    const seen: string[] = [];
    entry.expiry.subscribe(({ status }) => seen.push(status));
    const leave = entry.expiry.subscribe(() => {});
    const signal = entry.expirySignal();
    clock.jump(3_700_000);
    leave();
    await clock.advance(61_000);
    expect(seen).toEqual(['fresh', 'expired']);
    expect(signal.aborted).toBe(true);
  });

  test('though the storage is read in between: a write that waits', async () => {
    const clock = fakeClock();
    const inner = bareBackend();
    let isBroken = false;
    const entry = createCredentialStore({
      clock,
      autoRefresh: false,
      onError: () => {},
      storage: {
        ...inner,
        get: async (key) => inner.get(key),
        async compareAndSet(...change) {
          if (isBroken) throw new Error('disk full');
          return inner.compareAndSet(...change);
        },
      },
      refresh: async () => {
        isBroken = true;
        return tokens('new', clock.now());
      },
    }).entry();
    await entry.set(tokens('old', clock.now()));
    await rejectionOf(entry.refresh());
    isBroken = false;
    clock.jump(5000);
    await entry.get();
    await clock.advance(1000);
    expect(refreshToken([...inner.values.values()].join())).toBe('refresh-new-0123456789');
  });
});

describe('while storage can be neither read nor written', () => {
  test('the refreshed credentials are served from memory, by all stores on the backend', async () => {
    const clock = fakeClock();
    const inner = bareBackend();
    let isDown = false;
    const storage: StorageBackend = {
      ...inner,
      async get(key) {
        if (isDown) throw new Error('gone');
        return inner.get(key);
      },
      async compareAndSet(...change) {
        if (isDown) throw new Error('gone');
        return inner.compareAndSet(...change);
      },
    };
    const create = () =>
      createCredentialStore({
        storage,
        clock,
        autoRefresh: false,
        onError: () => {},
        refresh: async () => {
          isDown = true;
          return tokens('new', clock.now());
        },
      }).entry();
    const [first, second, third] = [create(), create(), create()];
    await first.set(expiredTokens('old', clock.now()));
    await second.get();
    const before: unknown[] = [];
    second.credentials.subscribe((credentials) => before.push(credentials?.access_token));
    expect(await first.getAccessToken()).toContain('new');
    expect((await first.get())?.access_token).toContain('new');
    expect(first.expiry.value).toMatchObject({ status: 'fresh' });
    await waitFor(() => String(before.at(-1)).includes('new'), 'the other store to be told');
    third.credentials.subscribe(() => {});
    await waitFor(() => String(third.credentials.value?.access_token).includes('new'), 'the third store');
    isDown = false;
    await clock.advance(130_000);
    expect(refreshToken([...inner.values.values()].join())).toBe('refresh-new-0123456789');
  });

  test('a write that was made but not acknowledged is found by whoever subscribes', async () => {
    const clock = fakeClock();
    const inner = bareBackend();
    let loses = false;
    const storage: StorageBackend = {
      ...inner,
      get: async (key) => inner.get(key),
      async compareAndSet(...change) {
        const changed = inner.compareAndSet(...change);
        if (loses) {
          loses = false;
          throw new Error('lost');
        }
        return changed;
      },
    };
    const create = () =>
      createCredentialStore({
        storage,
        clock,
        autoRefresh: false,
        onError: () => {},
        refresh: async () => {
          loses = true;
          return tokens('new', clock.now());
        },
      }).entry();
    const [first, second] = [create(), create()];
    await first.set(expiredTokens('old', clock.now()));
    await second.get();
    await first.refresh().catch(() => {});
    second.credentials.subscribe(() => {});
    await waitFor(() => String(second.credentials.value?.access_token).includes('new'));
    expect(second.expiry.value.error).toBeUndefined();
  });
});

describe('a late answer', () => {
  const setUp = () => {
    const answer = deferred();
    const clock = fakeClock();
    const storage = bareBackend();
    const store = createCredentialStore({
      storage,
      clock,
      refreshTimeout: 40,
      autoRefresh: false,
      onError: () => {},
      refresh: async () => {
        await answer.promise;
        return tokens('late', clock.now());
      },
    });
    return { answer, clock, storage, store, entry: store.entry() };
  };

  test('that is awaited leaves no error on other tokens', async () => {
    const { entry, clock } = setUp();
    await entry.set(expiredTokens('old', clock.now()));
    entry.expiry.subscribe(() => {});
    await rejectionOf(entry.refresh());
    await entry.set(tokens('other', clock.now()));
    expect(entry.expiry.value).toMatchObject({ status: 'fresh', error: undefined });
  });

  test('of a refresh that became late while the store closes is stored before that is over', async () => {
    const { entry, clock, store, storage, answer } = setUp();
    await entry.set(expiredTokens('old', clock.now()));
    const refreshed = rejectionOf(entry.refresh());
    await turns();
    const closed = store.close().then(() => refreshToken([...storage.values.values()].join()));
    expect((await refreshed).name).toBe('TimeoutError');
    answer.resolve();
    expect(await closed).toBe('refresh-late-0123456789');
  });
});

test('close() waits for a refresh that begins while it waits for another', async () => {
  const clock = fakeClock();
  const inner = bareBackend();
  const [read, first, second] = [deferred(), deferred(), deferred()];
  const store = createCredentialStore({
    clock,
    storage: {
      ...inner,
      async get(key) {
        if (key.endsWith(':b')) await read.promise;
        return inner.get(key);
      },
    },
    refresh: async (_, { key }) => {
      await (key === 'a' ? first : second).promise;
      return tokens('new', clock.now());
    },
  });
  inner.values.set('shelflife:b', JSON.stringify({ refresh_token: 'b' }));
  await store.entry('a').set(expiredTokens('old', clock.now()));
  const calls = [store.entry('a').getAccessToken(), store.entry('b').getAccessToken()];
  await turns();
  const closed = store.close().then(() => inner.values.get('shelflife:b'));
  read.resolve();
  await turns();
  first.resolve();
  await turns();
  second.resolve();
  expect(refreshToken(await closed)).toBe('refresh-new-0123456789');
  await Promise.all(calls);
});

test('refreshes that overlap without end hold back nobody who is to be told', async () => {
  const inner = bareBackend();
  const told: string[] = [];
  let stops = false;
  const store = createCredentialStore({
    onError: ({ key }) => told.push(`onError ${key}`),
    storage: {
      ...inner,
      async get(key) {
        if (key.endsWith(':c')) throw new Error('bad sector');
        return inner.get(key);
      },
    },
    refresh: async () => {
      await turns(10);
      return tokens('new', Date.now());
    },
  });
  for (const key of ['a', 'b']) await store.entry(key).set(tokens('old', Date.now()));
  const loop = async (key: string): Promise<void> => {
    while (!stops) await store.entry(key).refresh();
  };
  const loops = [loop('a')];
  await turns(5);
  loops.push(loop('b'));
  store.entry('c').expiry.subscribe(() => {});
  await waitFor(() => told.includes('onError c'), 'the failure to be told');
  stops = true;
  await Promise.all(loops);
  await store.close();
});

test('a refresh that a listener starts is told once', async () => {
  const clock = fakeClock();
  const entry = createCredentialStore({
    storage: bareBackend(),
    clock,
    autoRefresh: false,
    refresh: async () => tokens('new', clock.now()),
  }).entry();
  let starts = false;
  entry.credentials.subscribe(() => {
    if (starts) void entry.refresh();
    starts = false;
  });
  const seen: unknown[] = [];
  entry.expiry.subscribe((expiry) => seen.push(expiry));
  starts = true;
  await entry.set(tokens('old', clock.now()));
  await turns();
  expect(new Set(seen).size).toBe(seen.length);
});

test('a wait that the server asked for holds also for tokens that were found under the lease', async () => {
  const clock = fakeClock();
  const inner = leasedBackend();
  const asked: unknown[] = [];
  const entry = createCredentialStore({
    clock,
    storage: sameStorage(inner, { get: async (key) => inner.get(key) }),
    onError: () => {},
    refresh: async ({ refresh_token }) => {
      asked.push(refresh_token);
      throw new RefreshFailedError('busy', { retryAfter: 30 });
    },
  }).entry();
  const other = createCredentialStore({ storage: sameStorage(inner), clock }).entry();
  await other.set(tokens('one', clock.now()));
  entry.expiry.subscribe(() => {});
  await turns();
  await other.set(expiredTokens('two', clock.now()));
  await rejectionOf(entry.refresh());
  await clock.advance(20_000);
  expect(asked).toEqual(['refresh-two-0123456789']);
});
