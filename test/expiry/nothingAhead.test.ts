import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  createCredentialStore,
  memoryBackend,
  RefreshRejectedError,
  type CredentialEntry,
  type CredentialStoreOptions,
} from '../../src/index.js';
import { MINUTE, SECOND, setUp, START, statusesOf, tokens } from './support.js';

describe('once nothing lies ahead, no timer is armed', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
  afterEach(() => void vi.useRealTimers());

  const observe = (options: Partial<CredentialStoreOptions> = {}): CredentialEntry => {
    const entry = createCredentialStore({ storage: memoryBackend(), onError: () => {}, ...options }).entry();
    entry.expiry.subscribe(() => {});
    return entry;
  };

  test('with an entry that has expired, and is observed', async () => {
    const entry = observe();
    await entry.set(tokens(Date.now()));
    entry.timeLeft().subscribe(() => {});
    await vi.runAllTimersAsync();
    expect(entry.expiry.getSnapshot().status).toBe('expired');
    expect(vi.getTimerCount()).toBe(0);
  });

  test('so that synchronous timers come to an end as well', async () => {
    const entry = observe();
    await entry.set(tokens(Date.now()));
    vi.runAllTimers();
    expect(vi.getTimerCount()).toBe(0);
  });

  for (const [title, store] of [
    ['nothing is stored', async () => {}],
    [
      'credentials do not expire',
      (entry: CredentialEntry) => entry.set({ access_token: 'a', expires_in: null }),
    ],
    ['the expiry is unknown', (entry: CredentialEntry) => entry.set({ access_token: 'a' })],
  ] as const) {
    test(`where ${title}`, async () => {
      await store(observe());
      await vi.runAllTimersAsync();
      expect(vi.getTimerCount()).toBe(0);
    });
  }

  test('where the server has refused for good', async () => {
    const entry = observe({
      refresh: async () => {
        throw new RefreshRejectedError('no');
      },
    });
    await entry.set(tokens(Date.now() - 2 * 3_600_000));
    await vi.runAllTimersAsync();
    expect(entry.expiry.value.error?.name).toBe('RefreshRejectedError');
    expect(vi.getTimerCount()).toBe(0);
  });

  test('and a new deadline arms one again', async () => {
    const entry = observe();
    const seen = statusesOf(entry);
    await entry.set(tokens(Date.now()));
    await vi.runAllTimersAsync();
    await entry.set(tokens(Date.now()));
    await vi.runAllTimersAsync();
    expect(seen).toEqual(['absent', 'fresh', 'expiring', 'expired', 'fresh', 'expiring', 'expired']);
  });
});

test('a clock that is set back after that is noticed with the next look', async () => {
  const { clock, entry } = setUp();
  await entry.set(tokens(START, 60));
  const seen = statusesOf(entry);
  await clock.advance(10 * MINUTE);
  expect(clock.armed.size).toBe(0);
  clock.jump(-9.5 * MINUTE - SECOND);
  await entry.get();
  expect(seen.at(-1)).toBe('fresh');
  await clock.advance(2 * MINUTE);
  expect(seen.at(-1)).toBe('expired');
});
