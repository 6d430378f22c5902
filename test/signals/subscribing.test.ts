/* oxlint-disable typescript/unbound-method -- that methods can be passed around unbound is what is tested */
import { afterEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import {
  createCredentialStore,
  isShelflifeError,
  memoryBackend,
  type Credentials,
  type Expiry,
  type Health,
  type ShelflifeError,
  type Signal,
} from '../../src/index.js';
import {
  HOUR,
  MINUTE,
  SECOND,
  setUp,
  START,
  statusesOf,
  stubHost,
  tokens,
  turns,
  valuesOf,
} from '../expiry/support.js';

afterEach(() => {
  vi.restoreAllMocks();
});

function throwing(): never {
  throw new Error('from a listener');
}

describe('methods can be passed around unbound', () => {
  test('those of every signal', async () => {
    const { clock, entry, store } = setUp();
    await entry.set(tokens(START));
    const signals: Signal<unknown>[] = [entry.expiry, entry.credentials, entry.timeLeft(), store.health];
    for (const signal of signals) {
      const { get, getSnapshot, getServerSnapshot, subscribe } = signal;
      expect(get()).toBe(signal.value);
      expect(getSnapshot()).toBe(signal.value);
      getServerSnapshot();
      const seen: unknown[] = [];
      const { unsubscribe } = subscribe((value) => void seen.push(value));
      expect(seen).toEqual([signal.value]);
      unsubscribe();
      expect(signal.subscribe).toBe(subscribe);
      expect(signal.getSnapshot).toBe(getSnapshot);
    }
    const observable = entry.expiry as unknown as Record<string, () => unknown>;
    const interop = observable['@@observable']!;
    expect(interop.call(entry.expiry)).toBe(entry.expiry);
    expect(clock.armed.size).toBe(0);
  });

  test('those of an entry and of a store', async () => {
    const { entry, store } = setUp({
      refresh: () => Promise.resolve({ access_token: 'second', expires_in: 3600 }),
    });
    const { set, get, update, getAccessToken, refresh, invalidate, until, expirySignal, timeLeft } = entry;
    await set(tokens(START));
    await update((current) => ({ ...current, scope: 'all' }));
    expect((await get())?.['scope']).toBe('all');
    expect(await getAccessToken()).toBe(`access-${START}`);
    await refresh();
    expect(expirySignal().aborted).toBe(false);
    expect(timeLeft().value).toBe(3600);
    await invalidate();
    await until('queued');
    const { delete: remove } = entry;
    await remove();
    const { entry: again, keys, clear, close } = store;
    expect(again()).toBe(entry);
    expect(await keys()).toEqual([]);
    await clear();
    await close();
  });

  test('the iterator too', async () => {
    const { entry } = setUp();
    const { [Symbol.asyncIterator]: iterate, '@@observable': observe } =
      entry.expiry as typeof entry.expiry & {
        '@@observable'(): unknown;
      };
    expect(observe()).toBe(entry.expiry);
    const { next, return: leave } = iterate();
    expect((await next()).value.status).toBe('absent');
    await leave!();
  });
});

describe('snapshots', () => {
  test('getSnapshot keeps its identity until the next delivery, across a boundary that no timer has passed', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START));
    const seen = valuesOf(entry.expiry);
    const before = entry.expiry.getSnapshot();
    clock.jump(2 * HOUR);
    for (let time = 0; time < 1000; time += 1) expect(entry.expiry.getSnapshot()).toBe(before);
    expect(entry.expiry.value.status).toBe('expired');
    expect(entry.expiry.getSnapshot()).toBe(before);
    await clock.advance(MINUTE);
    expect(entry.expiry.getSnapshot()).toBe(seen.at(-1));
    expect(entry.expiry.getSnapshot().status).toBe('expired');
  });

  test('is what was delivered when a listener asks for it', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START));
    const isSame: boolean[] = [];
    entry.expiry.subscribe((expiry) => void isSame.push(entry.expiry.getSnapshot() === expiry));
    entry.expiry.subscribe((expiry) => void isSame.push(entry.expiry.getSnapshot() === expiry));
    await clock.advance(HOUR);
    expect(isSame).toEqual(Array.from({ length: 6 }, () => true));
  });

  test('unobserved it is as right as value, and as stable', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START));
    clock.jump(2 * HOUR);
    expect(entry.expiry.getSnapshot().status).toBe('expired');
    expect(entry.expiry.getSnapshot()).toBe(entry.expiry.getSnapshot());
    expect(entry.credentials.getSnapshot()).toBe(entry.credentials.getSnapshot());
  });

  test('a write is delivered before it resolves', async () => {
    const { entry } = setUp();
    const seen = statusesOf(entry);
    await entry.set(tokens(START));
    expect(seen).toEqual(['absent', 'fresh']);
    await entry.delete();
    expect(seen).toEqual(['absent', 'fresh', 'absent']);
  });

  test('getServerSnapshot is constant: loading, undefined, null, and never a stored token', async () => {
    const { clock, storage, entry } = setUp();
    const before = [
      entry.expiry.getServerSnapshot(),
      entry.credentials.getServerSnapshot(),
      entry.timeLeft().getServerSnapshot(),
    ] as const;
    expect(before).toEqual([
      { status: 'loading', expiresAt: null, refreshing: false, error: undefined },
      undefined,
      null,
    ]);
    await entry.set(tokens(START));
    valuesOf(entry.expiry);
    await clock.advance(HOUR);
    expect(entry.expiry.getServerSnapshot()).toBe(before[0]);
    expect(entry.credentials.getServerSnapshot()).toBeUndefined();
    expect(entry.timeLeft().getServerSnapshot()).toBeNull();
    const other = createCredentialStore({ storage, clock }).entry();
    expect(other.expiry.getServerSnapshot()).toEqual(before[0]);
    expect(Object.isFrozen(before[0])).toBe(true);
  });

  test('the server snapshot starts no read', () => {
    let reads = 0;
    const inner = memoryBackend();
    const { entry } = setUp({
      storage: {
        ...inner,
        get: (key) => {
          reads += 1;
          return inner.get(key);
        },
      },
    });
    entry.expiry.getServerSnapshot();
    entry.credentials.getServerSnapshot();
    expect(reads).toBe(0);
  });
});

describe('subscribe', () => {
  test('calls a function, or the next of an observer, at once and synchronously', async () => {
    const { entry } = setUp();
    await entry.set(tokens(START));
    const next = vi.fn<(expiry: Expiry) => void>();
    entry.expiry.subscribe(next);
    expect(next).toHaveBeenCalledTimes(1);
    const observer = {
      seen: [] as Expiry[],
      next(value: Expiry) {
        this.seen.push(value);
      },
    };
    entry.expiry.subscribe(observer);
    expect(observer.seen).toEqual([entry.expiry.value]);
    entry.expiry.subscribe({ complete() {} });
    entry.expiry.subscribe({});
    await entry.delete();
    expect(next).toHaveBeenCalledTimes(2);
    expect(observer.seen).toHaveLength(2);
  });

  test('ignores a second argument: Svelte passes a function', async () => {
    const { entry } = setUp();
    const invalidate = vi.fn<() => void>();
    const seen: Expiry[] = [];
    const subscribe = entry.expiry.subscribe as (
      listener: (expiry: Expiry) => void,
      invalidate: () => void,
    ) => () => void;
    subscribe((expiry) => void seen.push(expiry), invalidate);
    await entry.set(tokens(START));
    expect(seen).toHaveLength(2);
    expect(invalidate).not.toHaveBeenCalled();
  });

  test.each([undefined, null, 7, 'listener'])('refuses %s with a TypeError, and arms nothing', (listener) => {
    const { clock, entry } = setUp();
    expect(() => entry.expiry.subscribe(listener as unknown as () => void)).toThrow(TypeError);
    expect(clock.armed.size).toBe(0);
  });

  test('the same function twice is two subscriptions', async () => {
    const { entry } = setUp();
    const listener = vi.fn<() => void>();
    const first = entry.expiry.subscribe(listener);
    entry.expiry.subscribe(listener);
    expect(listener).toHaveBeenCalledTimes(2);
    first();
    await entry.set(tokens(START));
    expect(listener).toHaveBeenCalledTimes(3);
  });

  test('unsubscribing is idempotent, callable and a method, and ends nobody else', async () => {
    const { clock, entry } = setUp();
    const staying = statusesOf(entry);
    const leaving: Expiry[] = [];
    const unsubscribe = entry.expiry.subscribe((expiry) => void leaving.push(expiry));
    expect(typeof unsubscribe).toBe('function');
    expect(typeof unsubscribe.unsubscribe).toBe('function');
    unsubscribe();
    unsubscribe();
    unsubscribe.unsubscribe();
    await entry.set(tokens(START));
    expect(leaving).toHaveLength(1);
    expect(staying).toEqual(['absent', 'fresh']);
    expect(clock.armed.size).toBe(1);
    expectTypeOf(unsubscribe()).toEqualTypeOf<void>();
  });

  test('unsubscribed by an earlier listener in the same delivery: not called any more', async () => {
    const { entry } = setUp();
    let second: (() => void) | undefined;
    entry.expiry.subscribe(({ status }) => void (status === 'fresh' && second!()));
    const seen: string[] = [];
    second = entry.expiry.subscribe(({ status }) => void seen.push(status));
    await entry.set(tokens(START));
    expect(seen).toEqual(['absent']);
  });

  test('subscribed by a listener in the same delivery: called once with the new value', async () => {
    const { entry } = setUp();
    const inner: string[] = [];
    entry.expiry.subscribe(({ status }) => {
      if (status === 'fresh') entry.expiry.subscribe((expiry) => void inner.push(expiry.status));
    });
    await entry.set(tokens(START));
    expect(inner).toEqual(['fresh']);
  });

  test('offers itself under @@observable, and under Symbol.observable where the host has it', async () => {
    const { entry, store } = setUp();
    expect((entry.expiry as unknown as Record<string, () => unknown>)['@@observable']!()).toBe(entry.expiry);
    const key = Symbol('observable');
    Object.defineProperty(Symbol, 'observable', { configurable: true, value: key });
    try {
      const later = store.entry('later').expiry as unknown as Record<symbol, () => unknown>;
      expect(later[key]!()).toBe(later);
    } finally {
      delete (Symbol as { observable?: symbol }).observable;
    }
  });
});

describe('a listener that changes something', () => {
  test('a value that was another one for a moment is not told again', async () => {
    const { entry, clock } = setUp();
    await entry.set(tokens(START, 3600));
    const seen = valuesOf(entry.expiry);
    clock.jump(4_000_000);
    expect(entry.expiry.value.status).toBe('expired');
    clock.jump(-4_000_000);
    expect(entry.expiry.value.status).toBe('fresh');
    await entry.update((current) => ({ ...current, more: 1 }));
    expect(seen.map(({ status }) => status)).toEqual(['fresh']);
  });

  test('the latest wins: nobody is told an older value after a newer one', async () => {
    const { entry } = setUp();
    let isDone = false;
    const first: (string | undefined)[] = [];
    entry.credentials.subscribe((value) => {
      first.push(value?.access_token);
      if (value?.access_token !== 'one' || isDone) return;
      isDone = true;
      void entry.set({ access_token: 'two', expires_in: null });
    });
    const second = valuesOf(entry.credentials);
    await entry.set({ access_token: 'one', expires_in: null });
    await turns();
    expect(first).toEqual([undefined, 'one', 'two']);
    expect(second.at(-1)?.access_token).toBe('two');
    expect(second.map((value) => value?.access_token)).toEqual([undefined, 'one', 'two']);
  });

  test('a change that takes effect in the middle of a delivery: the rest hear only the newer value', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START));
    entry.expiry.subscribe(({ status }) => {
      if (status !== 'expiring') return;
      clock.jump(HOUR);
      entry.expiry.subscribe(() => {})();
    });
    const second = statusesOf(entry);
    await clock.advance(HOUR - MINUTE);
    await clock.advance(MINUTE);
    expect(second).toEqual(['fresh', 'expired']);
  });

  test('may call and await any method of the store', async () => {
    const { clock, entry, store } = setUp({
      refresh: () => Promise.resolve({ access_token: 'second', expires_in: 3600 }),
      autoRefresh: false,
    });
    await entry.set(tokens(START));
    const results: Promise<unknown>[] = [];
    let isDone = false;
    entry.expiry.subscribe(({ status }) => {
      if (status !== 'expiring' || isDone) return;
      isDone = true;
      results.push(
        entry.get(),
        entry.getAccessToken(),
        entry.refresh(),
        entry.update((current) => ({ ...current, scope: 'all' })),
        entry.until('fresh'),
        entry.invalidate('another'),
        store.keys(),
      );
      void entry.expirySignal().aborted;
      valuesOf(entry.timeLeft());
      valuesOf(store.health);
    });
    await clock.advance(HOUR - 30 * SECOND);
    await expect(Promise.all(results)).resolves.toHaveLength(7);
  });

  test('may close the store', async () => {
    const { clock, entry, store } = setUp();
    await entry.set(tokens(START));
    let closed: Promise<void> | undefined;
    entry.expiry.subscribe(({ status }) => void (status === 'expiring' && (closed = store.close())));
    const complete = vi.fn<() => void>();
    entry.expiry.subscribe({ complete });
    await clock.advance(2 * HOUR);
    await closed;
    expect(complete).toHaveBeenCalledTimes(1);
    expect(clock.armed.size).toBe(0);
  });
});

describe('a listener that throws hurts nobody', () => {
  test('at the first call and later ones, told to reportError where the host has it', async () => {
    const reported: unknown[] = [];
    vi.stubGlobal('reportError', (error: unknown) => void reported.push(error));
    const onError = vi.fn<(error: ShelflifeError) => void>();
    const { clock, entry } = setUp({ onError });
    await entry.set(tokens(START));
    const before = statusesOf(entry);
    expect(() => entry.expiry.subscribe(throwing)).not.toThrow();
    const after = statusesOf(entry);
    await clock.advance(HOUR);
    await entry.delete();
    expect(before).toEqual(['fresh', 'expiring', 'expired', 'absent']);
    expect(after).toEqual(before);
    expect(reported).toHaveLength(4);
    expect((reported[0] as Error).message).toBe('from a listener');
    expect(onError).not.toHaveBeenCalled();
  });

  test('else told to onError, wrapped', async () => {
    vi.stubGlobal('reportError', undefined);
    const onError = vi.fn<(error: ShelflifeError) => void>();
    const { entry } = setUp({ onError });
    await entry.set(tokens(START));
    const unsubscribe = entry.expiry.subscribe(throwing);
    unsubscribe();
    expect(onError).toHaveBeenCalledTimes(1);
    const [error] = onError.mock.calls[0]!;
    expect(isShelflifeError(error)).toBe(true);
    expect(JSON.stringify(error.cause)).toContain('from a listener');
  });

  test('else to console.error', async () => {
    vi.stubGlobal('reportError', undefined);
    const told = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { entry } = setUp();
    await entry.set(tokens(START));
    const unsubscribe = entry.expiry.subscribe(throwing);
    await entry.delete();
    unsubscribe();
    expect(told).toHaveBeenCalledTimes(2);
  });

  test('also where onError throws itself: told to console.error', async () => {
    vi.stubGlobal('reportError', undefined);
    const told = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { entry } = setUp({ onError: throwing });
    const before = statusesOf(entry);
    entry.expiry.subscribe(throwing);
    const after = statusesOf(entry);
    await entry.set(tokens(START));
    expect([before, after]).toEqual([
      ['absent', 'fresh'],
      ['absent', 'fresh'],
    ]);
    expect(told).toHaveBeenCalled();
  });

  test.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['a string', 'thrown'],
    ['an object without a prototype', Object.create(null)],
  ])('%s can be thrown as well', async (_, thrown) => {
    vi.stubGlobal('reportError', undefined);
    const onError = vi.fn<(error: ShelflifeError) => void>();
    const { entry } = setUp({ onError });
    entry.expiry.subscribe(() => {
      throw thrown;
    });
    const seen = statusesOf(entry);
    await entry.set(tokens(START));
    expect(seen).toEqual(['absent', 'fresh']);
    expect(onError).toHaveBeenCalledTimes(2);
  });

  test('asynchronous ones too', async () => {
    const reportError = vi.fn<(error: unknown) => void>();
    vi.stubGlobal('reportError', reportError);
    const { entry } = setUp();
    const error = new Error('later');
    entry.expiry.subscribe(() => Promise.reject(error) as never);
    await turns();
    expect(reportError).toHaveBeenCalledWith(error);
  });

  test('complete that throws stops no other', async () => {
    vi.stubGlobal('reportError', () => {});
    const { entry, store } = setUp();
    const complete = vi.fn<() => void>();
    entry.expiry.subscribe({ complete: throwing });
    entry.expiry.subscribe({ complete });
    entry.credentials.subscribe({ complete });
    await store.close();
    expect(complete).toHaveBeenCalledTimes(2);
  });

  test('nothing of a stored token is in what onError is told', async () => {
    vi.stubGlobal('reportError', undefined);
    const onError = vi.fn<(error: ShelflifeError) => void>();
    const { entry } = setUp({ onError });
    await entry.set({ access_token: 'secret-access-token', refresh_token: 'secret-refresh-token' });
    entry.credentials.subscribe((value: Credentials | undefined) => {
      throw new Error(`with ${value?.access_token} and ${value?.refresh_token}`);
    });
    const [error] = onError.mock.calls[0]!;
    const text = `${error.message} ${error.stack} ${JSON.stringify(error)} ${JSON.stringify(error.cause)}`;
    expect(text).not.toContain('secret-access-token');
    expect(text).not.toContain('secret-refresh-token');
  });
});

describe('close()', () => {
  test('completes observers, once, and tells them nothing more', async () => {
    const { clock, entry, store } = setUp();
    await entry.set(tokens(START));
    const complete = vi.fn<() => void>();
    const next = vi.fn<() => void>();
    const signals: Signal<unknown>[] = [entry.expiry, entry.credentials, entry.timeLeft(), store.health];
    for (const signal of signals) signal.subscribe({ next, complete });
    await store.close();
    await store.close();
    await clock.advance(2 * HOUR);
    expect(complete).toHaveBeenCalledTimes(4);
    expect(next).toHaveBeenCalledTimes(4);
  });

  test('value keeps the last', async () => {
    const { clock, entry, store } = setUp();
    await entry.set(tokens(START));
    valuesOf(entry.expiry);
    const [expiry, credentials] = [entry.expiry.value, entry.credentials.value];
    await store.close();
    expect(entry.expiry.value).toEqual(expiry);
    expect(entry.credentials.value).toBe(credentials);
    expect(entry.expiry.getSnapshot()).toEqual(expiry);
    clock.jump(1);
    expect(entry.timeLeft().value).not.toBeNull();
  });

  test('a later subscriber gets the last value, and completes', async () => {
    const { clock, entry, store } = setUp();
    await entry.set(tokens(START));
    valuesOf(entry.expiry);
    await store.close();
    const order: string[] = [];
    const unsubscribe = entry.expiry.subscribe({
      next: ({ status }) => void order.push(status),
      complete: () => void order.push('complete'),
    });
    expect(order).toEqual(['fresh', 'complete']);
    unsubscribe();
    expect(clock.armed.size).toBe(0);
  });
});

describe('health', () => {
  test('is a signal as all are, and changes with failure and success', async () => {
    const inner = memoryBackend();
    let fails = false;
    const { entry, store } = setUp({
      storage: {
        ...inner,
        get: (key) => {
          if (fails) throw new Error('unplugged');
          return inner.get(key);
        },
      },
    });
    const seen: Health[] = valuesOf(store.health);
    await entry.get();
    fails = true;
    await entry.get().catch(() => {});
    await entry.get().catch(() => {});
    fails = false;
    await entry.get();
    expect(
      seen.map(({ status }) => status).filter((status, index, all) => status !== all[index - 1]),
    ).toEqual(['ok', 'failed', 'ok']);
    expect(store.health.getSnapshot()).toBe(store.health.value);
  });
});

describe('an update in two stores on one backend object', () => {
  test('listeners of both see it once; each signal is its own', async () => {
    stubHost();
    const { storage, clock, entry } = setUp();
    const other = createCredentialStore({ storage, clock }).entry();
    const [here, there] = [valuesOf(entry.credentials), valuesOf(other.credentials)];
    await entry.set(tokens(START));
    await other.update((current) => ({ ...current, scope: 'all' }));
    expect(here.map((value) => value?.['scope'])).toEqual([undefined, undefined, 'all']);
    expect(there.map((value) => value?.['scope'])).toEqual([undefined, undefined, 'all']);
    expect(entry.expiry).not.toBe(other.expiry);
  });
});
