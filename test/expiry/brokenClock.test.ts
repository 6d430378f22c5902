import { describe, expect, test } from 'vitest';
import { createCredentialStore, type Clock } from '../../src/index.js';
import { fakeClock } from '../../src/testing/index.js';
import { leasedBackend, rejectionOf, tokens, turns } from '../store/support.js';

const now = Date.UTC(2026, 0, 1);
const broken: Record<string, () => unknown> = {
  'gives NaN': () => Number.NaN,
  'gives Infinity': () => Infinity,
  'gives a Date': () => new Date(now),
  'gives a text': () => '2026-01-01',
  'gives nothing': () => undefined,
  throws: () => {
    throw new Error('no time');
  },
};

const clockOf = (read: () => unknown): Clock => ({ ...fakeClock({ now }), now: read as () => number });

describe('a clock', () => {
  for (const [title, read] of Object.entries(broken)) {
    describe(`that ${title}`, () => {
      test('makes no token good: calls fail, and nothing is asked', async () => {
        let asked = 0;
        const store = createCredentialStore({
          storage: leasedBackend(),
          clock: clockOf(read),
          refresh: async () => {
            asked += 1;
            return tokens('two', now);
          },
          onError: () => {},
        });
        const entry = store.entry();
        await entry.set(tokens('one', now));
        entry.expiry.subscribe(() => {});
        entry.timeLeft().subscribe(() => {});
        await turns();
        expect(await rejectionOf(entry.getAccessToken())).toMatchObject({
          message: expect.stringContaining('"clock"') as string,
          retryable: false,
        });
        await expect(entry.refresh()).rejects.toThrow('"clock"');
        expect(asked).toBe(0);
        expect(entry.expiry.value.status).toBe('expired');
        expect(entry.expiry.value.error?.message).toContain('"clock"');
        expect(entry.timeLeft().value).toBe(0);
        expect(entry.expirySignal().aborted).toBe(true);
        expect((await entry.get())?.access_token).toBe('access-one-0123456789');
        await store.close();
      });

      test('does not matter where the credentials do not expire', async () => {
        const entry = createCredentialStore({ storage: leasedBackend(), clock: clockOf(read) }).entry();
        await entry.set({ access_token: 'access', expires_in: null });
        expect(await entry.getAccessToken()).toBe('access');
        expect(entry.expiry.value.status).toBe('fresh');
      });
    });
  }

  test('that gives time again is believed again', async () => {
    const inner = fakeClock({ now });
    let isBroken = true;
    const clock: Clock = { ...inner, now: () => (isBroken ? Number.NaN : inner.now()) };
    const entry = createCredentialStore({ storage: leasedBackend(), clock }).entry();
    await entry.set(tokens('one', now));
    expect(entry.expiry.value.status).toBe('expired');
    isBroken = false;
    expect(entry.expiry.value).toMatchObject({ status: 'fresh', error: undefined });
    expect(await entry.getAccessToken()).toBe('access-one-0123456789');
  });

  test('that gives no time now and then floods nobody with timers', async () => {
    const inner = fakeClock({ now });
    let looks = 0;
    let timers = 0;
    const clock: Clock = {
      ...inner,
      now: () => ((looks += 1) % 2 ? Number.NaN : inner.now()),
      setTimeout(run, milliseconds) {
        timers += 1;
        return inner.setTimeout(run, milliseconds);
      },
    };
    const entry = createCredentialStore({ storage: leasedBackend(), clock }).entry();
    await entry.set(tokens('one', now));
    entry.expiry.subscribe(() => {});
    await inner.advance(600_000);
    expect(timers).toBeLessThan(100);
  });
});
