import { describe, expect, test, vi } from 'vitest';
import { createCredentialStore, memoryBackend, type CredentialsInput } from '../../src/index.js';
import {
  DAY,
  HOUR,
  LONGEST_DELAY,
  MINUTE,
  SECOND,
  setUp,
  START,
  statusesOf,
  stridingClock,
  tokens,
  turns,
  valuesOf,
} from './support.js';

type Refresh = () => Promise<CredentialsInput>;

describe('no event and no refresh before their time', () => {
  test.each([25, 30, 400])('%i days, lived through minute by minute', async (days) => {
    const clock = stridingClock();
    const refresh = vi.fn<Refresh>(() => new Promise(() => {}));
    const entry = createCredentialStore({ storage: memoryBackend(), clock, refresh }).entry();
    await entry.set(tokens(START, (days * DAY) / SECOND));
    const seen: [string, number][] = [];
    entry.expiry.subscribe(({ status }) => void seen.push([status, clock.now() - START]));
    const signal = entry.expirySignal();
    clock.stride(days * DAY - MINUTE - 1);
    expect(seen).toEqual([['fresh', 0]]);
    expect(refresh).not.toHaveBeenCalled();
    clock.stride(MINUTE);
    expect(seen.map(([status, at]) => [status, at])).toContainEqual(['expiring', days * DAY - MINUTE]);
    expect(signal.aborted).toBe(false);
    clock.stride(1);
    expect(signal.aborted).toBe(true);
    expect(seen.at(-1)).toEqual(['expired', days * DAY]);
    await turns();
    expect(refresh).toHaveBeenCalledTimes(1);
    expect(clock.delays.longest).toBeLessThanOrEqual(MINUTE);
    expect(clock.delays.count).toBeLessThan(days * 24 * 60 + 100);
  });

  test.each([25 * DAY, 30 * DAY, 400 * DAY, 36_525 * DAY, 2 ** 31, 2 ** 32, 2 ** 32 + 50_000])(
    '%i ms, in leaps as a laptop makes them that sleeps most of the time',
    async (lifetime) => {
      const { clock, entry } = setUp();
      const seconds = Math.ceil(lifetime / SECOND);
      await entry.set(tokens(START, seconds));
      const seen = statusesOf(entry);
      const times = valuesOf(entry.timeLeft({ every: HOUR }));
      const leap = Math.floor((seconds * SECOND - 2 * MINUTE) / 50) - MINUTE;
      for (let time = 0; time < 50; time += 1) {
        clock.jump(leap);
        await clock.advance(MINUTE);
      }
      expect(seen).toEqual(['fresh']);
      expect(times[0]).toBe(seconds);
      expect(entry.timeLeft().value).toBeGreaterThan(60);
      clock.jump(START + seconds * SECOND - clock.now() - 1);
      expect(entry.expiry.value.status).toBe('expiring');
      await clock.advance(MINUTE);
      expect(seen.at(-1)).toBe('expired');
      expect(Math.max(...clock.delays)).toBeLessThanOrEqual(MINUTE);
      expect(clock.armed.size).toBe(1);
    },
  );

  test('the longest lifetime that is taken arms no delay that overflows', async () => {
    const { clock, entry } = setUp();
    await entry.set({ access_token: 'access', issued_at: new Date(0 + 1e11), expires_in: 8.5e12 });
    const seen = valuesOf(entry.expiry);
    valuesOf(entry.timeLeft({ every: Number.MAX_SAFE_INTEGER }));
    await clock.advance(10 * MINUTE);
    expect(seen).toHaveLength(1);
    expect(Math.max(...clock.delays)).toBeLessThanOrEqual(Math.min(LONGEST_DELAY, MINUTE));
  });

  test('known not to expire: no event, and no delay that overflows', async () => {
    const clock = stridingClock();
    const refresh = vi.fn<Refresh>(() => new Promise(() => {}));
    const entry = createCredentialStore({ storage: memoryBackend(), clock, refresh }).entry();
    await entry.set(tokens(START, null));
    const seen = valuesOf(entry.expiry);
    clock.stride(30 * DAY);
    expect(seen).toHaveLength(1);
    expect(refresh).not.toHaveBeenCalled();
    expect(clock.delays.longest).toBeLessThanOrEqual(MINUTE);
  });
});

describe('lifetimes shorter than the leeway', () => {
  test('tokens of 58 s with a leeway of 60 s: one expiring each, no refresh storm', async () => {
    let issued = 0;
    const { clock, entry } = setUp({
      refresh: () => {
        issued += 1;
        return Promise.resolve({ access_token: `access-${issued}`, expires_in: 58 });
      },
    });
    await entry.set(tokens(START, 58));
    const seen = statusesOf(entry);
    await clock.advance(10 * 29 * SECOND);
    expect(issued).toBe(10);
    expect(seen).toEqual(['fresh', ...Array.from({ length: 10 }, () => ['expiring', 'fresh']).flat()]);
    expect(clock.delays.length).toBeLessThan(100);
  });

  test('without a refresh: one expiring, one expired', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START, 58));
    const seen = valuesOf(entry.expiry);
    await clock.advance(HOUR);
    expect(seen.map(({ status }) => status)).toEqual(['fresh', 'expiring', 'expired']);
  });

  test('tokens of 1 s: no more than two refreshes a second', async () => {
    let issued = 0;
    const { clock, entry } = setUp({
      refresh: () => {
        issued += 1;
        return Promise.resolve({ access_token: `access-${issued}`, expires_in: 1 });
      },
    });
    await entry.set(tokens(START, 1));
    valuesOf(entry.expiry);
    await clock.advance(10 * SECOND);
    expect(issued).toBeGreaterThanOrEqual(5);
    expect(issued).toBeLessThanOrEqual(20);
  });

  test('an answer that has expired on arrival is tried again with backoff, not in a loop', async () => {
    let calls = 0;
    const { clock, entry } = setUp({
      refresh: () => {
        calls += 1;
        // A storm of promises alone would block the event loop, and with it the test's own timeout.
        if (calls > 1000) return new Promise(() => {});
        return Promise.resolve({ access_token: `access-${calls}`, expires_in: 0 });
      },
    });
    await entry.set(tokens(START, 0));
    const seen = statusesOf(entry);
    await turns(100);
    expect(calls).toBe(1);
    await clock.advance(10 * MINUTE);
    expect(calls).toBeGreaterThan(5);
    expect(calls).toBeLessThan(60);
    expect(seen).toEqual(['expired']);
    expect(await entry.get()).toMatchObject({ access_token: `access-${calls}` });
  });
});

describe('an answer without expires_in', () => {
  test('one refresh, no loop: used as is', async () => {
    const refresh = vi.fn<Refresh>(() => Promise.resolve({ access_token: 'second' }));
    const { clock, storage, entry } = setUp({ refresh });
    await entry.set({ access_token: 'first', refresh_token: 'refresh' });
    const seen = statusesOf(entry);
    await turns(50);
    await clock.advance(DAY);
    expect(refresh).toHaveBeenCalledTimes(1);
    expect(seen).toEqual(['queued', 'fresh']);
    expect(await entry.getAccessToken()).toBe('second');
    const later = createCredentialStore({ storage, clock, refresh }).entry();
    expect(statusesOf(later)).toEqual(['fresh']);
    await clock.advance(DAY);
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  test('after invalidate() one more, and again no loop', async () => {
    let calls = 0;
    const { clock, entry } = setUp({
      refresh: () => {
        calls += 1;
        return Promise.resolve({ access_token: `access-${calls}` });
      },
    });
    await entry.set({ access_token: 'first', refresh_token: 'refresh' });
    const seen = statusesOf(entry);
    await turns(50);
    await entry.invalidate();
    await turns(50);
    await clock.advance(HOUR);
    expect(calls).toBe(2);
    expect(seen).toEqual(['queued', 'fresh', 'queued', 'fresh']);
  });

  test('a deadline that was known does not outlive the answer that has none', async () => {
    const refresh = vi.fn<Refresh>(() => Promise.resolve({ access_token: 'second' }));
    const { clock, entry } = setUp({ refresh });
    await entry.set(tokens(START));
    const seen = statusesOf(entry);
    await clock.advance(DAY);
    expect(refresh).toHaveBeenCalledTimes(1);
    expect(seen).toEqual(['fresh', 'expiring', 'fresh']);
    expect(entry.expiry.value.expiresAt).toBeNull();
  });
});
