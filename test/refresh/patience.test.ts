import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { CredentialEntry, StorageBackend } from '../../src/index.js';
import { createCredentialStore, TimeoutError } from '../../src/index.js';
import { deferred, expiredTokens, leasedBackend, tokens } from '../store/support.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
afterEach(() => void vi.useRealTimers());

const SECOND = 1000;
const never = (): Promise<never> => new Promise(() => {});

/** What a call has come to so far: the token, the name of its error, or nothing. */
function outcomeOf(call: Promise<unknown>): { readonly value: unknown } {
  const outcome: { value: unknown } = { value: undefined };
  call.then(
    (value) => (outcome.value = value),
    (error: Error) => (outcome.value = error.name),
  );
  return outcome;
}

/** Passes time until a call has an outcome; how many milliseconds that took, to 50. */
async function timeOf(call: Promise<unknown>, limit = 120 * SECOND): Promise<number> {
  const outcome = outcomeOf(call);
  for (let time = 0; time <= limit; time += 50) {
    if (outcome.value !== undefined) return time;
    await vi.advanceTimersByTimeAsync(50);
  }
  return Infinity;
}

describe('a token that is still valid', () => {
  const open = (refresh: () => Promise<never>): CredentialEntry =>
    createCredentialStore({ storage: leasedBackend(), refresh, leeway: 120, onError: () => {} }).entry();

  for (const [left, longest] of [
    [60, 5],
    [20, 5],
    [12, 3],
    [2, 0.5],
  ] as const) {
    test(`that lasts ${left} s more is held back for ${longest} s at most, in each call`, async () => {
      const entry = open(never);
      await entry.set(tokens('one', Date.now() - (3600 - left) * SECOND));
      expect(await timeOf(entry.getAccessToken())).toBe(longest * SECOND);
      const rest = left - longest;
      const call = entry.getAccessToken();
      const took = await timeOf(call);
      expect(took).toBeLessThanOrEqual(Math.ceil((Math.min(5, rest / 4) * SECOND) / 50) * 50);
      expect(await call).toBe('access-one-0123456789');
    });
  }

  test('is not given out once it has expired: then the refresh decides', async () => {
    const entry = open(never);
    await entry.set(tokens('one', Date.now() - 3598 * SECOND));
    const call = entry.getAccessToken();
    vi.setSystemTime(Date.now() + 10 * SECOND);
    const outcome = outcomeOf(call);
    await vi.advanceTimersByTimeAsync(10 * SECOND);
    expect(outcome.value).toBeUndefined();
    await vi.advanceTimersByTimeAsync(30 * SECOND);
    expect(outcome.value).toBe('TimeoutError');
  });

  test('is given out while the refresh goes on, and the next call gets the new one', async () => {
    const answer = deferred<never>();
    const entry = open(() => answer.promise);
    await entry.set(tokens('one', Date.now() - 3540 * SECOND));
    expect(await timeOf(entry.getAccessToken())).toBe(5 * SECOND);
    answer.resolve(tokens('two', Date.now()) as never);
    await vi.advanceTimersByTimeAsync(0);
    expect(await entry.getAccessToken()).toBe('access-two-0123456789');
  });

  test('gives way to a new one that comes in time', async () => {
    const answer = deferred<never>();
    const entry = open(() => answer.promise);
    await entry.set(tokens('one', Date.now() - 3540 * SECOND));
    const call = entry.getAccessToken();
    await vi.advanceTimersByTimeAsync(4 * SECOND);
    answer.resolve(tokens('two', Date.now()) as never);
    expect(await call).toBe('access-two-0123456789');
  });

  test('of a session that has ended meanwhile is not given out', async () => {
    const entry = open(never);
    await entry.set(tokens('one', Date.now() - 3540 * SECOND));
    const outcome = outcomeOf(entry.getAccessToken());
    await vi.advanceTimersByTimeAsync(SECOND);
    await entry.delete();
    await vi.advanceTimersByTimeAsync(60 * SECOND);
    expect(outcome.value).toBe('TimeoutError');
  });
});

describe('no call waits longer than `refreshTimeout` and `timeout` together', () => {
  /** What hangs, of an entry that is expired. */
  const hanging: Record<string, (inner: StorageBackend) => Partial<StorageBackend>> = {
    'the callback alone': () => ({}),
    'the lease too': () => ({ lease: never }),
    'a lease that gives up when it is told to': () => ({
      lease: (_, { signal }) =>
        new Promise((__, reject) =>
          signal.addEventListener('abort', () => reject(new Error('held by process 7'))),
        ),
    }),
    'reads too': (inner) => {
      let reads = 0;
      return { get: (key) => ((reads += 1) > 2 ? never() : inner.get(key)) };
    },
    'what is remembered': (inner) => ({ get: (key) => (key.includes('#') ? never() : inner.get(key)) }),
    'the release of the lease': () => ({
      lease: async () => ({ signal: new AbortController().signal, release: never }),
    }),
  };
  for (const [title, changes] of Object.entries(hanging)) {
    for (const name of ['refresh', 'getAccessToken'] as const) {
      test(`${name}(), where it is ${title} that hangs, in the second call as well`, async () => {
        const inner = leasedBackend();
        const seed = createCredentialStore({ storage: inner }).entry();
        await seed.set(expiredTokens('one', Date.now()));
        const entry = createCredentialStore({
          storage: { ...inner, ...changes(inner) },
          refresh: never,
          onError: () => {},
        }).entry();
        for (let time = 0; time < 3; time += 1) {
          const call = entry[name]();
          expect(await timeOf(call)).toBeLessThanOrEqual(40 * SECOND);
          await expect(call).rejects.toMatchObject({ name: 'TimeoutError', retryable: true, key: 'default' });
        }
      });
    }
  }

  test('what the backend knows of the holder of a lease comes before that', async () => {
    const entry = createCredentialStore({
      storage: {
        ...leasedBackend(),
        lease: (_, { signal }) =>
          new Promise((__, reject) =>
            signal.addEventListener('abort', () => reject(new TimeoutError('Held by process 7.'))),
          ),
      },
      refresh: never,
    }).entry();
    await entry.set(expiredTokens('one', Date.now()));
    for (const name of ['refresh', 'getAccessToken'] as const) {
      const call = entry[name]();
      expect(await timeOf(call)).toBeLessThanOrEqual(40 * SECOND);
      await expect(call).rejects.toThrow('Held by process 7.');
    }
  });

  test('a host that slept through that time gets some more, to read what came over the network', async () => {
    const inner = leasedBackend();
    const granted = deferred();
    const answer = deferred<never>();
    const entry = createCredentialStore({
      storage: {
        ...inner,
        async lease(key, options) {
          await granted.promise;
          return inner.lease!(key, options);
        },
      },
      refresh: () => answer.promise,
    }).entry();
    await entry.set(expiredTokens('one', Date.now()));
    const call = entry.refresh();
    const outcome = outcomeOf(call);
    await vi.advanceTimersByTimeAsync(20 * SECOND);
    granted.resolve();
    await vi.advanceTimersByTimeAsync(SECOND);
    vi.setSystemTime(Date.now() + 3600 * SECOND);
    await vi.advanceTimersByTimeAsync(19.5 * SECOND);
    expect(outcome.value).toBeUndefined();
    answer.resolve(tokens('two', Date.now()) as never);
    await vi.advanceTimersByTimeAsync(0);
    expect((await call).access_token).toBe('access-two-0123456789');
  });
});

describe('a callback that asks its own entry for a token', () => {
  for (const name of ['getAccessToken', 'refresh'] as const) {
    test(`by ${name}() waits for itself until its time is over, and the error says so`, async () => {
      const errors: string[] = [];
      const entry: CredentialEntry = createCredentialStore({
        storage: leasedBackend(),
        // As an HTTP client does whose interceptor adds the token to every request.
        refresh: async () => {
          await Promise.resolve();
          await entry[name]();
          return tokens('two', Date.now());
        },
        onError: ({ message }) => errors.push(message),
      }).entry();
      await entry.set(expiredTokens('one', Date.now()));
      const call = entry.getAccessToken();
      call.catch(() => {});
      await vi.advanceTimersByTimeAsync(40 * SECOND);
      await expect(call).rejects.toMatchObject({
        name: 'TimeoutError',
        message: expect.stringContaining('waited for itself') as string,
      });
    });
  }

  test('nothing is said of that where nobody asked meanwhile', async () => {
    const entry = createCredentialStore({ storage: leasedBackend(), refresh: never }).entry();
    await entry.set(expiredTokens('one', Date.now()));
    const call = entry.getAccessToken();
    call.catch(() => {});
    await vi.advanceTimersByTimeAsync(40 * SECOND);
    await expect(call).rejects.toMatchObject({
      message: expect.not.stringContaining('itself') as string,
    });
  });
});
