import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  createCredentialStore,
  RefreshFailedError,
  type Lease,
  type ShelflifeError,
  type StorageBackend,
} from '../../src/index.js';
import { fakeClock } from '../../src/testing/index.js';
import { expiredTokens, leasedBackend, tokens, turns } from '../store/support.js';
import { bench } from './support.js';

/** What goes wrong in a call of a backend or of the refresh callback. */
const faults = ['throws', 'rejects', 'answers undefined', 'never answers'] as const;
const methods = ['get', 'compareAndSet', 'lease', 'release', 'subscribe', 'refresh'] as const;
type Fault = (typeof faults)[number];
type Method = (typeof methods)[number];

interface Plan {
  readonly fault: Fault;
  /** Whether a call goes wrong, by its number. */
  readonly goesWrong: (number: number) => boolean;
}
type Plans = Partial<Record<Method, Plan>>;

/** So many calls are a loop; what comes after is never answered, so that the test sees the end of it. */
const tooMany = 500;

interface Run {
  readonly calls: Record<Method, number>;
  readonly errors: readonly ShelflifeError[];
  readonly expiryError: ShelflifeError | undefined;
  readonly status: string;
  readonly health: string;
}

/** Observes an expired entry for a second, with a backend and a callback that go wrong as planned. */
async function observeForASecond(plans: Plans): Promise<Run> {
  const clock = fakeClock();
  const inner = leasedBackend();
  const errors: ShelflifeError[] = [];
  await createCredentialStore({ storage: inner, clock }).entry().set(expiredTokens('one', clock.now()));
  const calls = Object.fromEntries(methods.map((method) => [method, 0])) as Record<Method, number>;
  const call = <T>(method: Method, work: () => T): T => {
    calls[method] += 1;
    if (calls[method] > tooMany) return new Promise(() => {}) as T;
    const plan = plans[method];
    if (!plan?.goesWrong(calls[method])) return work();
    if (plan.fault === 'throws') throw new Error(`${method} threw`);
    if (plan.fault === 'rejects') return Promise.reject(new Error(`${method} rejected`)) as T;
    return (plan.fault === 'never answers' ? new Promise(() => {}) : undefined) as T;
  };
  const storage: StorageBackend = {
    ...inner,
    get: (key) => call('get', () => inner.get(key)),
    compareAndSet: (...change) => call('compareAndSet', () => inner.compareAndSet(...change)),
    subscribe: () => call('subscribe', () => () => {}),
    lease: (key, options) =>
      call('lease', async (): Promise<Lease> => {
        const { signal, release } = await inner.lease!(key, options);
        return { signal, release: () => call('release', release) };
      }),
  };
  const store = createCredentialStore({
    storage,
    clock,
    timeout: 2,
    refreshTimeout: 2,
    onError: (error) => errors.push(error),
    refresh: () => call('refresh', async () => tokens('two', clock.now())),
  });
  const { expiry } = store.entry();
  expiry.subscribe(() => {});
  await turns();
  // Waits on storage are bounded by the host's own timers.
  for (let step = 0; step < 5; step += 1) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    await clock.advance(200);
  }
  const { error: expiryError, status } = expiry.getSnapshot();
  return { calls, errors, expiryError, status, health: store.health.value.status };
}

/** Calls of a method go wrong from one on, or now and then. */
const planOf = (...ways: readonly Fault[]): fc.Arbitrary<Plan> =>
  fc.record({
    fault: fc.constantFrom(...ways),
    goesWrong: fc.oneof(
      fc.integer({ min: 1, max: 4 }).map((first) => (number: number) => number >= first),
      fc
        .array(fc.boolean(), { minLength: 1, maxLength: 6 })
        .map((pattern) => (number: number) => pattern[number % pattern.length]!),
    ),
  });

describe('whatever fails on an automatic path', () => {
  test('is tried at most 5 times in the first second, and the event loop turns', async () => {
    const plans = fc.record(
      {
        get: planOf(...faults),
        compareAndSet: planOf(...faults),
        lease: planOf(...faults),
        release: planOf(...faults),
        subscribe: planOf('throws', 'answers undefined'),
        refresh: planOf(...faults),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      // Many at a time, since a second of each takes a while.
      fc.asyncProperty(fc.array(plans, { minLength: 20, maxLength: 20 }), async (planned) => {
        for (const { calls } of await Promise.all(planned.map(observeForASecond))) {
          expect(calls.lease).toBeLessThanOrEqual(5);
          expect(calls.refresh).toBeLessThanOrEqual(5);
          // Each try reads the record a few times, and what is remembered of it.
          expect(calls.get).toBeLessThanOrEqual(30);
          expect(calls.subscribe).toBeLessThanOrEqual(5);
        }
      }),
      { numRuns: 5, endOnFailure: true },
    );
  });

  const causes: readonly (readonly [Method, number, readonly Fault[]])[] = [
    ['get', 1, ['throws', 'rejects', 'never answers']],
    ['get', 2, ['throws', 'rejects', 'never answers']],
    ['lease', 1, ['throws', 'rejects', 'answers undefined']],
    ['compareAndSet', 1, faults],
  ];
  for (const [method, first, ways] of causes) {
    for (const fault of ways) {
      test(`${method} ${fault} from call ${first} on: health says so, and so does expiry unless a token is served`, async () => {
        const { calls, expiryError, status, health } = await observeForASecond({
          [method]: { fault, goesWrong: (number: number) => number >= first },
        });
        expect(calls[method]).toBeGreaterThanOrEqual(first);
        expect(calls.lease).toBeLessThanOrEqual(5);
        expect(calls.get).toBeLessThanOrEqual(30);
        expect(health).toBe('failed');
        if (method === 'compareAndSet') expect(status).toBe('fresh');
        else expect(expiryError).toMatchObject({ backend: 'leased' });
      });
    }
  }

  test('a lease that never comes says so in the expiry, and nothing of the storage', async () => {
    const { expiryError, health } = await observeForASecond({
      lease: { fault: 'never answers', goesWrong: () => true },
    });
    expect(expiryError?.name).toBe('TimeoutError');
    expect(health).toBe('ok');
  });

  for (const fault of faults) {
    test(`the callback ${fault}: the expiry says so`, async () => {
      const { expiryError, health } = await observeForASecond({ refresh: { fault, goesWrong: () => true } });
      expect(expiryError).toBeDefined();
      expect(health).toBe('ok');
    });
  }
});

describe('a lease that is refused, as by a full disk or a read-only mount', () => {
  const refusing = (): { storage: StorageBackend; grant: () => void; leases: () => number } => {
    const inner = leasedBackend();
    let isRefused = true;
    let leases = 0;
    return {
      storage: {
        ...inner,
        lease: async (key, options) => {
          leases += 1;
          if (leases > tooMany) return new Promise(() => {});
          if (isRefused) throw Object.assign(new Error('read-only'), { code: 'EROFS' });
          return inner.lease!(key, options);
        },
      },
      grant: () => (isRefused = false),
      leases: () => leases,
    };
  };

  test('stays in health though reads succeed, until one is granted', async () => {
    const { storage, grant } = refusing();
    const { entry, clock, store } = bench(async () => tokens('two', clock.now()), { storage });
    await entry.set(expiredTokens('one', clock.now()));
    entry.expiry.subscribe(() => {});
    await turns();
    await entry.get();
    expect(store.health.value).toMatchObject({
      status: 'failed',
      error: { name: 'StorageUnavailableError' },
    });
    expect(entry.expiry.value.error).toBe(entry.expiry.value.error);
    expect(entry.expiry.value).toMatchObject({
      status: 'expired',
      error: { name: 'StorageUnavailableError' },
    });
    grant();
    await clock.advance(60_000);
    expect(entry.expiry.value).toMatchObject({ status: 'fresh', error: undefined });
    expect(store.health.value.status).toBe('ok');
  });

  test('a write that succeeds restores health as well', async () => {
    const { storage } = refusing();
    const { entry, clock, store } = bench(async () => tokens('two', clock.now()), { storage });
    await entry.set(expiredTokens('one', clock.now()));
    await expect(entry.refresh()).rejects.toThrow('read-only');
    expect(store.health.value.status).toBe('failed');
    await entry.set(tokens('two', clock.now()));
    expect(store.health.value.status).toBe('ok');
  });

  test('other tokens are tried at once', async () => {
    const { storage, grant } = refusing();
    const { entry, clock, asked } = bench(async () => tokens('three', clock.now()), { storage });
    await entry.set(expiredTokens('one', clock.now()));
    entry.expiry.subscribe(() => {});
    await turns();
    grant();
    await entry.set(expiredTokens('two', clock.now()));
    await turns();
    expect(asked).toEqual(['refresh-two-0123456789']);
  });

  test('a record that comes and goes does not start over', async () => {
    const { storage, leases } = refusing();
    let isThere = true;
    const flickering: StorageBackend = { ...storage, get: (key) => (isThere ? storage.get(key) : undefined) };
    const { entry, clock } = bench(async () => tokens('two', clock.now()), { storage: flickering });
    await entry.set(expiredTokens('one', clock.now()));
    entry.expiry.subscribe(() => {});
    for (let time = 0; time < 100; time += 1) {
      isThere = time % 2 === 0;
      await entry.get().catch(() => {});
      await turns(2);
    }
    expect(leases()).toBe(1);
  });
});

describe('with the clock of the host', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
  afterEach(() => void vi.useRealTimers());

  test('a synchronous backend whose reads start to throw freezes nothing', async () => {
    const inner = leasedBackend();
    let isBroken = false;
    let reads = 0;
    const store = createCredentialStore({
      storage: {
        ...inner,
        get(key) {
          reads += 1;
          if (reads > tooMany) return new Promise(() => {});
          if (isBroken) throw new DOMException('denied', 'SecurityError');
          return inner.get(key);
        },
      },
      refresh: async () => tokens('two', Date.now()),
      onError: () => {},
    });
    const entry = store.entry();
    await entry.set(tokens('one', Date.now()));
    entry.expiry.subscribe(() => {});
    isBroken = true;
    reads = 0;
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(entry.expiry.value).toMatchObject({
      status: 'expired',
      error: { name: 'StorageUnavailableError' },
    });
    expect(store.health.value.status).toBe('failed');
    expect(reads).toBeLessThan(100);
    isBroken = false;
    await vi.advanceTimersByTimeAsync(120_000);
    expect(entry.expiry.value).toMatchObject({ status: 'fresh', error: undefined });
  });
});

test('a wait that is no number is not waited for', async () => {
  for (const retryAfter of [Number.NaN, Infinity, -1]) {
    let count = 0;
    const { entry, clock, asked } = bench(async () => {
      count += 1;
      if (count === 1) throw new RefreshFailedError('503', { retryAfter });
      return tokens('two', clock.now());
    });
    await entry.set(expiredTokens('one', clock.now()));
    entry.expiry.subscribe(() => {});
    await turns();
    await clock.advance(3000);
    expect(asked).toHaveLength(2);
    expect(entry.expiry.value.status).toBe('fresh');
  }
});
