import { describe, expect, test } from 'vitest';
import { memoryBackend, RefreshFailedError, type StorageBackend } from '../../src/index.js';
import { fakeClock } from '../../src/testing/index.js';
import { bareBackend, deferred, expiredTokens, rejectionOf, tokens, turns } from '../store/support.js';
import { bench, invalidGrant } from './support.js';

describe('an answer that is already expiring', () => {
  test('is used, and not asked for again at once', async () => {
    const clock = fakeClock();
    const { entry, asked } = bench(
      async () => ({ access_token: 'cached', issued_at: new Date(clock.now() - 50_000), expires_in: 60 }),
      { clock },
    );
    await entry.set(expiredTokens('one', clock.now()));
    const seen: unknown[] = [];
    entry.expiry.subscribe(({ status, error }) => seen.push(error ?? status));
    await turns(50);
    expect(asked).toHaveLength(1);
    expect(seen.at(-1)).toBe('expiring');
    await clock.advance(9000);
    // Exponential backoff: 2, 4, 8 seconds at most.
    expect(asked.length).toBeGreaterThan(1);
    expect(asked.length).toBeLessThan(30);
  });
});

describe('an answer on its way', () => {
  test('is waited for by the next refresh, also where the backend knows no leases', async () => {
    const clock = fakeClock();
    const answer = deferred();
    const { entry, asked } = bench(
      async () => {
        await answer.promise;
        return tokens('late', clock.now());
      },
      { clock, storage: bareBackend(), refreshTimeout: 100, autoRefresh: false },
    );
    await entry.set(expiredTokens('one', clock.now()));
    expect((await rejectionOf(entry.getAccessToken())).name).toBe('TimeoutError');
    const next = [entry.getAccessToken(), entry.refresh().then(({ access_token }) => access_token)];
    await turns();
    answer.resolve();
    expect(await Promise.all(next)).toEqual(['access-late-0123456789', 'access-late-0123456789']);
    expect(asked).toHaveLength(1);
  });

  test('is waited for by close()', async () => {
    const clock = fakeClock();
    const answer = deferred();
    const storage = bareBackend();
    const { entry, store } = bench(
      async () => {
        await answer.promise;
        return tokens('late', clock.now());
      },
      { clock, storage, refreshTimeout: 100 },
    );
    await entry.set(expiredTokens('one', clock.now()));
    expect((await rejectionOf(entry.refresh())).name).toBe('TimeoutError');
    const closed = store.close().then(() => [...storage.values.values()].join());
    answer.resolve();
    expect(await closed).toContain('refresh-late');
  });

  test('that turns out to be a failure lets the next refresh ask', async () => {
    const clock = fakeClock();
    const answer = deferred();
    let isFirst = true;
    const { entry, asked } = bench(
      async () => {
        if (isFirst) {
          isFirst = false;
          await answer.promise;
        }
        return tokens('second', clock.now());
      },
      { clock, storage: bareBackend(), refreshTimeout: 100, autoRefresh: false },
    );
    await entry.set(expiredTokens('one', clock.now()));
    await rejectionOf(entry.refresh());
    const next = entry.getAccessToken();
    answer.reject(new Error('offline'));
    expect(await next).toContain('second');
    expect(asked).toHaveLength(2);
  });
});

test('a store that was closed while it waited for its lease asks nobody', async () => {
  const clock = fakeClock();
  const storage = memoryBackend();
  const { entry, store, asked } = bench(async () => tokens('new', clock.now()), {
    clock,
    storage,
    timeout: 50,
  });
  await entry.set(expiredTokens('one', clock.now()));
  const lease = await storage.lease!('shelflife:default', { signal: new AbortController().signal });
  const refreshed = rejectionOf(entry.refresh());
  await store.close();
  expect((await refreshed).name).toBe('ClosedError');
  await lease.release();
  await turns();
  expect(asked).toEqual([]);
});

test('close() does not wait for the refreshes of other stores', async () => {
  const clock = fakeClock();
  const storage = memoryBackend();
  const refreshing = bench(() => new Promise(() => {}), { clock, storage, refreshTimeout: 3000 });
  const idle = bench(async () => ({}), { clock, storage });
  await refreshing.entry.set(expiredTokens('one', clock.now()));
  void refreshing.entry.refresh().catch(() => {});
  await turns();
  const started = performance.now();
  await idle.store.close();
  expect(performance.now() - started).toBeLessThan(1500);
});

describe('a refresh that failed', () => {
  test('waits for its time, whatever else of the record changes', async () => {
    const { entry, clock, asked } = bench(async () => {
      throw new RefreshFailedError('503', { retryAfter: 120 });
    });
    await entry.set(expiredTokens('one', clock.now()));
    entry.expiry.subscribe(() => {});
    await turns();
    for (let change = 0; change < 5; change += 1) {
      await entry.update((current) => ({ ...current, change }));
      await turns();
    }
    expect(asked).toHaveLength(1);
    await clock.advance(121_000);
    expect(asked).toHaveLength(2);
  });

  test('is tried again though the clock was set back while nobody observed', async () => {
    const { store, clock, asked } = bench(async () => {
      throw new Error('offline');
    });
    const [entry, other] = [store.entry('a'), store.entry('b')];
    await entry.set(expiredTokens('one', clock.now() - 86_400_000));
    await other.set(tokens('other', clock.now(), { expires_in: 864_000 }));
    other.expiry.subscribe(() => {});
    const unsubscribe = entry.expiry.subscribe(() => {});
    await turns();
    unsubscribe();
    const before = asked.length;
    clock.jump(-18_000_000);
    await clock.advance(61_000);
    entry.expiry.subscribe(() => {});
    await clock.advance(61_000);
    expect(asked.length).toBeGreaterThan(before);
  });

  test('leaves nothing behind of a record that was deleted meanwhile', async () => {
    for (const outcome of ['rejected', 'failed', 'refreshed'] as const) {
      const answer = deferred();
      const clock = fakeClock();
      const storage = bareBackend();
      const { entry } = bench(
        async () => {
          await answer.promise;
          if (outcome === 'rejected') throw invalidGrant();
          if (outcome === 'failed') throw new Error('offline');
          return tokens('new', clock.now());
        },
        { clock, storage },
      );
      await entry.set(tokens('one', clock.now()));
      const seen: unknown[] = [];
      entry.expiry.subscribe(({ status, refreshing, error }) => seen.push([status, refreshing, error?.name]));
      const refreshed = rejectionOf(entry.refresh());
      await turns();
      await entry.delete();
      answer.resolve();
      await refreshed;
      await turns();
      expect(seen).toEqual([
        ['fresh', false, undefined],
        ['fresh', true, undefined],
        ['absent', false, undefined],
      ]);
      expect([...storage.values.keys()]).toEqual([]);
    }
  });

  test('does not show on other tokens that were stored meanwhile', async () => {
    const answer = deferred();
    const { entry, clock } = bench(() => answer.promise.then(() => ({})), { autoRefresh: false });
    await entry.set(tokens('one', clock.now()));
    entry.expiry.subscribe(() => {});
    const refreshed = rejectionOf(entry.refresh());
    await turns();
    await entry.set({ access_token: 'another' });
    answer.reject(new Error('offline'));
    await refreshed;
    await turns();
    expect(entry.expiry.value).toMatchObject({ status: 'queued', error: undefined, refreshing: false });
  });

  test('never makes getAccessToken() give the token of another session', async () => {
    const answer = deferred();
    const { entry, clock } = bench(() => answer.promise.then(() => ({})), { autoRefresh: false });
    await entry.set({
      access_token: 'of-user-a',
      issued_at: new Date(clock.now() - 60_000),
      expires_in: 100,
    });
    const token = rejectionOf(entry.getAccessToken());
    await turns();
    await entry.set({ access_token: 'of-user-b', refresh_token: 'b' });
    answer.reject(new Error('offline'));
    expect((await token).name).toBe('RefreshFailedError');
  });

  test('tells the code of the server in its cause, wherever the client put it', async () => {
    const { entry, clock } = bench(async () => {
      throw invalidGrant();
    });
    await entry.set(expiredTokens('one', clock.now()));
    expect((await rejectionOf(entry.refresh())).cause).toMatchObject({ code: 'invalid_grant' });
  });
});

describe('a lease', () => {
  test('that a backend gives up on with an error of its own is a TimeoutError when the time is over', async () => {
    const storage: StorageBackend = {
      ...bareBackend(),
      lease: (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
        }),
    };
    const { entry, clock } = bench(async () => ({}), { storage, timeout: 20, refreshTimeout: 20 });
    await entry.set(expiredTokens('one', clock.now()));
    expect(await rejectionOf(entry.refresh())).toMatchObject({ name: 'TimeoutError', retryable: true });
  });

  test('that is none is a typed error', async () => {
    const storage: StorageBackend = { ...bareBackend(), lease: async () => undefined as never };
    const { entry, clock, asked } = bench(async () => ({}), { storage });
    await entry.set(expiredTokens('one', clock.now()));
    expect((await rejectionOf(entry.refresh())).name).toBe('StorageUnavailableError');
    expect(asked).toEqual([]);
  });
});
