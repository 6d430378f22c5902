import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  type CredentialsInput,
  type Expiry,
  RefreshFailedError,
  RefreshRejectedError,
} from '../../src/index.js';
import {
  type CountingClock,
  DAY,
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
} from './support.js';

afterEach(() => {
  vi.restoreAllMocks();
});

/** A refresh that does what it is told to, and says when it was called. */
function refreshing(behave: (call: number) => Promise<CredentialsInput>) {
  const calls: number[] = [];
  let clock: CountingClock | undefined;
  const refresh = (): Promise<CredentialsInput> => {
    calls.push(clock!.now() - START);
    return calls.length > 1000 ? new Promise(() => {}) : behave(calls.length);
  };
  const made = setUp({ refresh });
  clock = made.clock;
  return { ...made, calls };
}

const failing = () => Promise.reject(new Error('503'));
/** Jitter at its longest, or at its shortest. */
const jitter = (part: number) => vi.spyOn(Math, 'random').mockReturnValue(part);

describe('while observed', () => {
  test('expiring starts a refresh, and refreshing says so', async () => {
    let answer!: (value: CredentialsInput) => void;
    const { clock, entry, calls } = refreshing(() => new Promise((resolve) => (answer = resolve)));
    await entry.set(tokens(START));
    const seen = valuesOf(entry.expiry);
    await clock.advance(HOUR - MINUTE);
    expect(calls).toEqual([HOUR - MINUTE]);
    answer({ access_token: 'second', expires_in: 3600 });
    await turns();
    expect(seen.map(({ status, refreshing: isRefreshing }) => [status, isRefreshing])).toEqual([
      ['fresh', false],
      ['expiring', true],
      ['fresh', false],
    ]);
  });

  test.each<[string, CredentialsInput]>([
    ['queued', { access_token: 'first', refresh_token: 'refresh' }],
    ['expired', tokens(START - DAY)],
    ['no access token', { refresh_token: 'refresh' }],
  ])('%s starts one when the first observer comes', async (_, credentials) => {
    const { clock, entry, calls } = refreshing(() =>
      Promise.resolve({ access_token: 'second', expires_in: 3600 }),
    );
    await entry.set(credentials);
    await clock.advance(HOUR);
    expect(calls).toHaveLength(0);
    const seen = statusesOf(entry);
    await turns(50);
    expect(calls).toHaveLength(1);
    expect(seen.at(-1)).toBe('fresh');
  });

  test('a record with expires_in but no issued_at is refreshed exactly once', async () => {
    const { clock, entry, calls } = refreshing(() =>
      Promise.resolve({ access_token: 'second', expires_in: 3600 }),
    );
    await entry.set({ access_token: 'first', expires_in: 3600 });
    valuesOf(entry.expiry);
    await clock.advance(HOUR - MINUTE - 1);
    expect(calls).toHaveLength(1);
  });

  test('not with autoRefresh false, not without an observer, not when absent', async () => {
    const refresh = vi.fn<() => Promise<CredentialsInput>>(() => new Promise(() => {}));
    const manual = setUp({ refresh, autoRefresh: false });
    await manual.entry.set(tokens(START - DAY));
    valuesOf(manual.entry.expiry);
    await manual.clock.advance(HOUR);
    const unobserved = setUp({ refresh });
    await unobserved.entry.set(tokens(START - DAY));
    expect(unobserved.entry.expiry.value.status).toBe('expired');
    await unobserved.clock.advance(HOUR);
    const absent = setUp({ refresh });
    valuesOf(absent.entry.expiry);
    await absent.clock.advance(HOUR);
    expect(refresh).not.toHaveBeenCalled();
  });

  test('each observer counts: credentials and timeLeft too; many are one refresh', async () => {
    const { clock, entry, calls } = refreshing(() =>
      Promise.resolve({ access_token: 'second', expires_in: 3600 }),
    );
    await entry.set(tokens(START));
    valuesOf(entry.credentials);
    valuesOf(entry.timeLeft({ every: HOUR }));
    await clock.advance(HOUR);
    expect(calls).toEqual([HOUR - MINUTE]);
  });

  test('a refresh right before sleep is not doubled on wake', async () => {
    const host = stubHost();
    const { clock, entry, calls } = refreshing(() => new Promise(() => {}));
    await entry.set(tokens(START));
    valuesOf(entry.expiry);
    await clock.advance(HOUR - MINUTE);
    clock.jump(DAY);
    for (const type of ['resume', 'pageshow', 'focus', 'online', 'visibilitychange'] as const)
      host.dispatch(type);
    await turns();
    expect(calls).toHaveLength(1);
  });
});

describe('a refresh that fails is tried again', () => {
  test('with exponential backoff: each wait at most twice the one before, and they grow', async () => {
    jitter(0.999_999);
    const { clock, entry, calls } = refreshing(failing);
    await entry.set(tokens(START, 1));
    valuesOf(entry.expiry);
    await clock.advance(HOUR);
    const waits = calls.slice(1).map((at, index) => at - calls[index]!);
    expect(waits.length).toBeGreaterThan(5);
    for (const [index, wait] of waits.entries()) {
      const before = waits[index - 1];
      if (before === undefined) continue;
      expect(wait).toBeGreaterThanOrEqual(before - 1);
      expect(wait).toBeLessThanOrEqual(2 * before + 2);
    }
    expect(waits.at(-1)).toBeGreaterThan(10 * waits[0]!);
  });

  test('with full jitter: anywhere down to nothing, and still no flood', async () => {
    const { clock, entry, calls } = refreshing(failing);
    await entry.set(tokens(START, 1));
    valuesOf(entry.expiry);
    await clock.advance(HOUR);
    const waits = calls.slice(1).map((at, index) => at - calls[index]!);
    expect(new Set(waits).size).toBeGreaterThan(waits.length / 2);
    expect(calls.length).toBeLessThan(500);
  });

  test('jitter of any size never makes the timer spin', async () => {
    for (const part of [0.012_345_67, 0.123_456_7, 0.5, 0.999_999_9]) {
      jitter(part);
      const { clock, entry } = refreshing(failing);
      await entry.set(tokens(START, 1));
      valuesOf(entry.expiry);
      await clock.advance(MINUTE);
      expect(clock.delays.filter((delay) => delay > 0 && delay < 1)).toEqual([]);
      expect(clock.delays.length).toBeLessThan(1000);
    }
  });

  test('not before Retry-After, and soon after it', async () => {
    const { clock, entry, calls } = refreshing((call) =>
      call === 1
        ? Promise.reject(new RefreshFailedError('busy', { retryAfter: 300 }))
        : Promise.resolve({ access_token: 'second', expires_in: 3600 }),
    );
    await entry.set(tokens(START - DAY));
    const seen = statusesOf(entry);
    await clock.advance(5 * MINUTE - 1);
    expect(calls).toHaveLength(1);
    await clock.advance(MINUTE);
    expect(calls).toHaveLength(2);
    expect(seen).toEqual(['expired', 'fresh']);
  });

  test.each<[string, unknown]>([
    ['a number', Object.assign(new Error('busy'), { retryAfter: 300 })],
    ['digits', Object.assign(new Error('busy'), { retryAfter: '300' })],
  ])("Retry-After is found on an error of the HTTP client's: %s", async (_, error) => {
    const { clock, entry, calls } = refreshing(() => Promise.reject(error));
    await entry.set(tokens(START - DAY));
    valuesOf(entry.expiry);
    await clock.advance(5 * MINUTE - 1);
    expect(calls).toHaveLength(1);
    await clock.advance(2 * MINUTE);
    expect(calls.length).toBeGreaterThan(1);
  });

  test.each([Infinity, Number.NaN, -1, 1e300, Number.MAX_VALUE])(
    'an absurd Retry-After (%s) neither floods nor overflows a timer',
    async (retryAfter) => {
      const { clock, entry, calls } = refreshing(() =>
        Promise.reject(Object.assign(new Error('busy'), { retryAfter })),
      );
      await entry.set(tokens(START - DAY));
      valuesOf(entry.expiry);
      await clock.advance(10 * MINUTE);
      expect(calls.length).toBeLessThan(60);
      expect(Math.max(...clock.delays)).toBeLessThanOrEqual(MINUTE);
    },
  );

  test('at once on online', async () => {
    const host = stubHost();
    jitter(0.999);
    let isOnline = false;
    const { clock, entry, calls } = refreshing(() =>
      isOnline ? Promise.resolve({ access_token: 'second', expires_in: 3600 }) : failing(),
    );
    await entry.set(tokens(START - DAY));
    const seen = statusesOf(entry);
    await clock.advance(10 * MINUTE);
    const before = calls.length;
    await clock.advance(SECOND);
    expect(calls).toHaveLength(before);
    isOnline = true;
    host.dispatch('online');
    await turns(50);
    expect(calls).toHaveLength(before + 1);
    expect(seen).toEqual(['expired', 'fresh']);
  });

  test('not on focus: a user who switches tabs makes no storm', async () => {
    const host = stubHost();
    jitter(0.999);
    const { clock, entry, calls } = refreshing(failing);
    await entry.set(tokens(START - DAY));
    valuesOf(entry.expiry);
    await clock.advance(10 * MINUTE);
    const before = calls.length;
    for (let time = 0; time < 20; time += 1) {
      for (const type of ['focus', 'pageshow', 'visibilitychange', 'resume'] as const) host.dispatch(type);
      await turns(5);
    }
    expect(calls).toHaveLength(before);
  });

  test.each([10 * MINUTE, DAY, 365 * DAY])(
    'a clock set back by %i ms never lengthens the wait',
    async (back) => {
      jitter(0.999);
      const { clock, entry, calls } = refreshing(failing);
      await entry.set(tokens(START - 1000 * DAY, 1));
      valuesOf(entry.expiry);
      await clock.advance(10 * MINUTE);
      const before = calls.length;
      clock.jump(-back);
      // The longest wait is a minute, and so is the longest that a clock set back goes unseen.
      await clock.advance(2 * MINUTE + SECOND);
      expect(calls.length).toBeGreaterThan(before);
    },
  );

  test('a clock set back during a long Retry-After does not add to it', async () => {
    const { clock, entry, calls } = refreshing(() =>
      Promise.reject(new RefreshFailedError('busy', { retryAfter: 600 })),
    );
    await entry.set(tokens(START - 1000 * DAY, 1));
    valuesOf(entry.expiry);
    await clock.advance(5 * MINUTE);
    clock.jump(-DAY);
    await clock.advance(2 * MINUTE);
    clock.jump(-DAY);
    await clock.advance(3 * MINUTE + MINUTE + SECOND);
    expect(calls.length).toBe(2);
  });

  test('no longer when nothing observes; again when something does', async () => {
    const { clock, entry, calls } = refreshing(failing);
    await entry.set(tokens(START - DAY));
    const unsubscribe = entry.expiry.subscribe(() => {});
    await clock.advance(MINUTE);
    unsubscribe();
    const before = calls.length;
    await clock.advance(HOUR);
    expect(calls).toHaveLength(before);
    expect(clock.armed.size).toBe(0);
    entry.expiry.subscribe(() => {});
    await clock.advance(MINUTE);
    expect(calls.length).toBeGreaterThan(before);
  });

  test('no longer after delete(), and no timer waits for it', async () => {
    jitter(0.999);
    const { clock, entry, calls } = refreshing(failing);
    await entry.set(tokens(START - DAY));
    valuesOf(entry.expiry);
    await clock.advance(MINUTE);
    await entry.delete();
    const before = calls.length;
    await clock.advance(HOUR);
    expect(calls).toHaveLength(before);
    expect(entry.expiry.value.error).toBeUndefined();
  });

  test('a rejection is not tried again, not on online either', async () => {
    const host = stubHost();
    const { clock, entry, calls } = refreshing(() => Promise.reject(new RefreshRejectedError('gone')));
    await entry.set(tokens(START));
    const seen = valuesOf(entry.expiry);
    await clock.advance(2 * HOUR);
    host.dispatch('online');
    await clock.advance(DAY);
    expect(calls).toHaveLength(1);
    expect(seen.map(({ status }) => status)).toEqual(['fresh', 'expiring', 'expiring', 'expired']);
    expect(seen.at(-1)!.error).toBeInstanceOf(RefreshRejectedError);
  });
});

const withError = ({ status, error }: Expiry): unknown[] => [status, error?.name];

describe('the error of a refresh', () => {
  test('is told with the status, which it does not change, and goes with the next refresh', async () => {
    const { clock, entry } = refreshing((call) =>
      call < 3 ? failing() : Promise.resolve({ access_token: 'third', expires_in: 3600 }),
    );
    await entry.set(tokens(START));
    const seen = valuesOf(entry.expiry);
    await clock.advance(HOUR);
    const statuses = seen.map((expiry) => withError(expiry));
    expect(statuses[0]).toEqual(['fresh', undefined]);
    expect(statuses).toContainEqual(['expiring', 'RefreshFailedError']);
    expect(statuses.at(-1)).toEqual(['fresh', undefined]);
    expect(await entry.get()).toMatchObject({ access_token: 'third' });
  });

  test('goes with other tokens', async () => {
    const { clock, entry } = refreshing(failing);
    await entry.set(tokens(START - DAY));
    const seen = valuesOf(entry.expiry);
    await turns(50);
    expect(withError(seen.at(-1)!)).toEqual(['expired', 'RefreshFailedError']);
    await entry.set(tokens(clock.now()));
    expect(withError(seen.at(-1)!)).toEqual(['fresh', undefined]);
    expect(seen.filter(({ status }) => status === 'fresh')).toHaveLength(1);
  });

  test('goes with delete()', async () => {
    const { entry } = refreshing(failing);
    await entry.set(tokens(START - DAY));
    const seen = valuesOf(entry.expiry);
    await turns(50);
    await entry.delete();
    expect(withError(seen.at(-1)!)).toEqual(['absent', undefined]);
  });

  test('does not alter the record', async () => {
    const { entry } = refreshing(failing);
    await entry.set(tokens(START - DAY));
    const before = await entry.get();
    valuesOf(entry.expiry);
    await turns(50);
    expect(await entry.get()).toEqual(before);
  });

  test('a new sign-in starts a new backoff', async () => {
    jitter(0.999);
    const { clock, entry, calls } = refreshing(failing);
    await entry.set(tokens(START - DAY));
    valuesOf(entry.expiry);
    await clock.advance(10 * MINUTE);
    await entry.set(tokens(clock.now() - DAY));
    await turns(50);
    const before = calls.length;
    await clock.advance(5 * SECOND);
    expect(calls.length).toBeGreaterThan(before);
  });
});
