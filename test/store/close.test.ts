/* oxlint-disable typescript/no-unsafe-type-assertion -- what types forbid is handed in here */
/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import { describe, expect, test } from 'vitest';
import {
  ClosedError,
  createCredentialStore,
  memoryBackend,
  type CredentialEntry,
  type StorageBackend,
} from '../../src/index.js';
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
} from './support.js';

const everyCall = (entry: CredentialEntry): Record<string, () => Promise<unknown>> => ({
  get: () => entry.get(),
  set: () => entry.set({ access_token: 'a' }),
  update: () => entry.update(() => ({ access_token: 'a' })),
  delete: () => entry.delete(),
  refresh: () => entry.refresh(),
  getAccessToken: () => entry.getAccessToken(),
  invalidate: () => entry.invalidate(),
  until: () => entry.until('fresh'),
});

describe('close()', () => {
  test('is idempotent', async () => {
    let closed = 0;
    const store = createCredentialStore({ storage: { ...bareBackend(), close: () => void (closed += 1) } });
    await Promise.all([store.close(), store.close()]);
    await store.close();
    expect(closed).toBe(1);
  });

  test('makes every later call reject with ClosedError', async () => {
    const store = createCredentialStore({
      storage: memoryBackend(),
      refresh: async () => ({ access_token: 'b' }),
    });
    const entry = store.entry();
    const later = store.entry('other');
    await store.close();
    for (const each of [entry, later, store.entry('new')]) {
      for (const [name, call] of Object.entries(everyCall(each))) {
        const error = await rejectionOf(call());
        expect(error, name).toBeInstanceOf(ClosedError);
        expect(error.code).toBe('ERR_CLOSED');
        expect(error.retryable).toBe(false);
      }
    }
    expect(await rejectionOf(store.keys())).toBeInstanceOf(ClosedError);
    expect(await rejectionOf(store.clear())).toBeInstanceOf(ClosedError);
    expect(entry.expirySignal().aborted).toBe(true);
    expect((entry.expirySignal().reason as Error).name).toBe('CredentialsExpiredError');
  });

  test('makes calls that are pending for ever reject with ClosedError', async () => {
    const never = (): Promise<never> => new Promise<never>(() => {});
    const store = createCredentialStore({ storage: { ...bareBackend(), get: never }, timeout: 40 });
    const entry = store.entry();
    const waiting = [entry.until('fresh'), entry.until(['expired', 'absent'])].map((call) =>
      rejectionOf(call),
    );
    const read = rejectionOf(entry.get());
    await store.close();
    for (const error of await Promise.all(waiting)) expect(error).toBeInstanceOf(ClosedError);
    expect((await read).name).toMatch(/^(ClosedError|TimeoutError)$/);
  });

  test('`value` is what was known where nobody ever looked at it', async () => {
    const clock = fakeClock();
    const store = createCredentialStore({ storage: memoryBackend(), clock });
    const [entry, other] = [store.entry(), store.entry('other')];
    await entry.set(tokens('one', clock.now()));
    await store.close();
    expect(entry.credentials.value?.access_token).toBe('access-one-0123456789');
    expect(entry.expiry.value.status).toBe('fresh');
    expect(entry.timeLeft().value).toBe(3600);
    expect(other.expiry.value.status).toBe('loading');
    expect(other.timeLeft().getSnapshot()).toBeNull();
    expect(store.health.value.status).toBe('ok');
    const seen: string[] = [];
    for await (const { status } of store.entry('other').expiry) seen.push(status);
    expect(seen).toEqual(['loading']);
  });

  test('completes who subscribes when another is completed', async () => {
    const store = createCredentialStore({ storage: memoryBackend() });
    const { expiry } = store.entry();
    const completed: string[] = [];
    expiry.subscribe({
      complete: () => void expiry.subscribe({ complete: () => completed.push('second') }),
    });
    await store.close();
    expect(completed).toEqual(['second']);
  });

  test('ends all the same where the backend fails to unsubscribe', async () => {
    let isClosed = false;
    const told: string[] = [];
    const store = createCredentialStore({
      onError: ({ name }) => told.push(name),
      storage: {
        ...memoryBackend(),
        subscribe: () => () => {
          throw new Error('unsubscribe');
        },
        close: () => {
          isClosed = true;
        },
      },
    });
    const pending = rejectionOf(store.entry().until('fresh'));
    await store.close();
    expect((await pending).name).toBe('ClosedError');
    expect(isClosed).toBe(true);
    expect(told).toEqual(['StorageUnavailableError']);
  });

  test('completes observers and iterators of all signals, and `value` keeps the last', async () => {
    const clock = fakeClock();
    const store = createCredentialStore({ storage: memoryBackend(), clock });
    const entry = store.entry();
    await entry.set(tokens('one', clock.now()));
    const completed: string[] = [];
    entry.expiry.subscribe({ complete: () => completed.push('expiry') });
    entry.credentials.subscribe({ complete: () => completed.push('credentials') });
    entry.timeLeft().subscribe({ complete: () => completed.push('timeLeft') });
    store.health.subscribe({ complete: () => completed.push('health') });
    const iterated: string[] = [];
    const loop = (async () => {
      for await (const { status } of entry.expiry) iterated.push(status);
    })();
    const signal = entry.expirySignal();
    await turns();
    await store.close();
    await loop;
    expect(completed.toSorted()).toEqual(['credentials', 'expiry', 'health', 'timeLeft']);
    expect(iterated).toEqual(['fresh']);
    expect(signal.aborted).toBe(true);
    const last = [entry.expiry.value, entry.credentials.value, entry.timeLeft().value];
    await clock.advance(7_200_000);
    expect(entry.credentials.value?.access_token).toBe('access-one-0123456789');
    expect(entry.expiry.value).toBe(last[0]);
    expect(entry.expiry.value.status).toBe('fresh');
    expect(entry.credentials.value).toBe(last[1]);
  });

  test('keeps the last `timeLeft` too', async () => {
    const clock = fakeClock();
    const store = createCredentialStore({ storage: memoryBackend(), clock });
    const entry = store.entry();
    await entry.set(tokens('one', clock.now()));
    const left = entry.timeLeft();
    const last = left.value;
    await store.close();
    await clock.advance(60_000);
    expect(left.value).toBe(last);
  });

  test('a subscriber that comes afterwards gets the last value and completes', async () => {
    const store = createCredentialStore({ storage: memoryBackend() });
    const entry = store.entry();
    await entry.set({ access_token: 'a', expires_in: null });
    entry.expiry.get();
    await store.close();
    const log: string[] = [];
    entry.expiry.subscribe({ next: ({ status }) => log.push(status), complete: () => log.push('complete') });
    expect(log).toEqual(['fresh', 'complete']);
    const iterated: string[] = [];
    for await (const { status } of entry.expiry) iterated.push(status);
    expect(iterated.length).toBeLessThanOrEqual(1);
  });

  test('stops all timers', async () => {
    const clock = fakeClock();
    let armed = 0;
    const counting = {
      now: () => clock.now(),
      setTimeout: (run: () => void, milliseconds: number) => {
        armed += 1;
        return clock.setTimeout(() => {
          armed -= 1;
          run();
        }, milliseconds);
      },
      clearTimeout: (handle: unknown) => {
        armed -= 1;
        clock.clearTimeout(handle);
      },
    };
    const store = createCredentialStore({ storage: memoryBackend(), clock: counting });
    const entry = store.entry();
    await entry.set(tokens('one', clock.now()));
    expect(armed).toBe(0);
    entry.expiry.subscribe(() => {});
    entry.expirySignal();
    const loop = entry.credentials[Symbol.asyncIterator]();
    await loop.next();
    expect(armed).toBe(1);
    await store.close();
    expect(armed).toBe(0);
  });

  test('unsubscribes from the hints of the backend', async () => {
    let listeners = 0;
    const store = createCredentialStore({
      storage: {
        ...bareBackend(),
        subscribe: () => {
          listeners += 1;
          return () => (listeners -= 1);
        },
      },
    });
    store.entry().expiry.subscribe(() => {});
    expect(listeners).toBe(1);
    await store.close();
    expect(listeners).toBe(0);
  });

  test('lets a write that is under way finish', async () => {
    const inner = bareBackend();
    const gate = deferred();
    const store = createCredentialStore({
      storage: {
        ...inner,
        async compareAndSet(key, expected, next) {
          await gate.promise;
          return inner.compareAndSet(key, expected, next);
        },
      },
    });
    const written = store.entry().set({ access_token: 'a' });
    await turns();
    const closed = store.close();
    gate.resolve();
    await closed;
    await written;
    expect(inner.values.size).toBe(1);
  });

  test('waits for a running refresh to commit, and its caller gets the answer', async () => {
    const clock = fakeClock();
    const storage = leasedBackend();
    const gate = deferred();
    const store = createCredentialStore({
      storage,
      clock,
      refresh: async () => {
        await gate.promise;
        return tokens('two', clock.now());
      },
    });
    const entry = store.entry();
    await entry.set(expiredTokens('one', clock.now()));
    const refreshed = entry.refresh();
    await turns();
    let closed = false;
    const closing = store.close().then(() => (closed = true));
    await turns();
    expect(closed).toBe(false);
    gate.resolve();
    await closing;
    expect((await refreshed).access_token).toBe('access-two-0123456789');
    const other = createCredentialStore({ storage: sameStorage(storage), clock }).entry();
    expect((await other.get())?.refresh_token).toBe('refresh-two-0123456789');
  });

  test('waits for it no longer than the timeout; then the caller gets ClosedError', async () => {
    const store = createCredentialStore({
      storage: leasedBackend(),
      timeout: 40,
      refresh: () => new Promise(() => {}),
    });
    const entry = store.entry();
    await entry.set({ access_token: 'a', refresh_token: 'r' });
    const [refreshed, token] = [rejectionOf(entry.refresh()), rejectionOf(entry.getAccessToken())];
    await turns();
    const started = performance.now();
    await store.close();
    expect(performance.now() - started).toBeGreaterThanOrEqual(35);
    expect(performance.now() - started).toBeLessThan(1000);
    expect(await refreshed).toBeInstanceOf(ClosedError);
    expect(await token).toBeInstanceOf(ClosedError);
  });

  test('starts no refresh by itself any more', async () => {
    const clock = fakeClock();
    let requests = 0;
    const store = createCredentialStore({
      storage: memoryBackend(),
      clock,
      refresh: async () => {
        requests += 1;
        return tokens('two', clock.now());
      },
    });
    const entry = store.entry();
    await entry.set(tokens('one', clock.now()));
    entry.expiry.subscribe(() => {});
    await store.close();
    await clock.advance(7_200_000);
    expect(requests).toBe(0);
  });

  test('called from a listener ends all the same', async () => {
    const store = createCredentialStore({ storage: memoryBackend() });
    const entry = store.entry();
    const closed = deferred();
    entry.expiry.subscribe(({ status }) => {
      if (status === 'fresh') void store.close().then(closed.resolve);
    });
    await entry.set({ access_token: 'a', expires_in: null });
    await closed.promise;
    expect(await rejectionOf(entry.get())).toBeInstanceOf(ClosedError);
  });

  test('is what `await using` calls, where the runtime has it', async () => {
    const symbol = (Symbol as { readonly asyncDispose?: symbol }).asyncDispose;
    const store = createCredentialStore({ storage: memoryBackend() });
    if (!symbol) return;
    await (store as unknown as Record<symbol, () => Promise<void>>)[symbol]!();
    expect(await rejectionOf(store.entry().get())).toBeInstanceOf(ClosedError);
  });

  test('rejects with a typed error where the backend fails to close', async () => {
    const storage: StorageBackend = { ...bareBackend(), close: () => Promise.reject(new Error('stuck')) };
    const error = await rejectionOf(createCredentialStore({ storage }).close());
    expect(error.name).toBe('StorageUnavailableError');
  });
});

describe('the backend', () => {
  const closable = () => {
    const log: string[] = [];
    const storage: StorageBackend = { ...bareBackend(), close: () => void log.push('closed') };
    return { log, storage };
  };

  test('is closed with its last store', async () => {
    const { storage, log } = closable();
    const [one, two] = [
      createCredentialStore({ storage }),
      createCredentialStore({ storage, namespace: 'other' }),
    ];
    await one.close();
    expect(log).toEqual([]);
    await two.entry().set({ access_token: 'a' });
    await two.close();
    expect(log).toEqual(['closed']);
  });

  test('can serve a new store afterwards', async () => {
    const { storage, log } = closable();
    const first = createCredentialStore({ storage });
    await first.entry().set({ access_token: 'a' });
    await first.close();
    const second = createCredentialStore({ storage });
    expect(await second.entry().get()).toEqual({ access_token: 'a' });
    const seen: unknown[] = [];
    second.entry().credentials.subscribe((value) => seen.push(value?.access_token));
    await second.entry().set({ access_token: 'b' });
    expect(seen).toEqual(['a', 'b']);
    await second.close();
    expect(log).toEqual(['closed', 'closed']);
  });

  test('is not closed under a store that was made while the last one closed', async () => {
    const inner = bareBackend();
    const gate = deferred();
    let isOpen = true;
    const storage: StorageBackend = {
      ...inner,
      async compareAndSet(key, expected, next) {
        await gate.promise;
        return inner.compareAndSet(key, expected, next);
      },
      close: () => void (isOpen = false),
    };
    const first = createCredentialStore({ storage });
    void first.entry().set({ access_token: 'a' });
    await turns();
    const closing = first.close();
    const second = createCredentialStore({ storage });
    gate.resolve();
    await closing;
    expect(isOpen).toBe(true);
    await second.close();
    expect(isOpen).toBe(false);
  });

  test('keeps a running refresh of one store, joined by another, when the first closes', async () => {
    const clock = fakeClock();
    const storage = leasedBackend();
    const gate = deferred();
    const refresh = async () => {
      await gate.promise;
      return tokens('two', clock.now());
    };
    const [one, two] = [
      createCredentialStore({ storage, clock, refresh, timeout: 30 }),
      createCredentialStore({ storage, clock, refresh }),
    ];
    await one.entry().set(expiredTokens('one', clock.now()));
    const first = rejectionOf(one.entry().refresh());
    const seen: string[] = [];
    two.entry().expiry.subscribe(({ status }) => seen.push(status));
    const second = two.entry().refresh();
    await turns();
    await one.close();
    expect(await first).toBeInstanceOf(ClosedError);
    gate.resolve();
    expect((await second).access_token).toBe('access-two-0123456789');
    expect(two.entry().expiry.value).toMatchObject({ status: 'fresh', refreshing: false });
    expect(seen.at(-1)).toBe('fresh');
  });
});
