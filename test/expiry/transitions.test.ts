import { describe, expect, test, vi } from 'vitest';
import { createCredentialStore, memoryBackend, type Expiry } from '../../src/index.js';
import { HOUR, MINUTE, SECOND, setUp, START, statusesOf, tokens, turns, valuesOf } from './support.js';

const names = (values: readonly Expiry[]): string[] => values.map(({ status }) => status);

describe('each subscriber sees each transition exactly once', () => {
  test('fresh, expiring, expired: at their moments', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START));
    const seen: [string, number][] = [];
    entry.expiry.subscribe(({ status }) => void seen.push([status, clock.now() - START]));
    await clock.advance(3 * HOUR);
    expect(seen).toEqual([
      ['fresh', 0],
      ['expiring', HOUR - MINUTE],
      ['expired', HOUR],
    ]);
  });

  test('for every subscriber, however many there are and whenever they came', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START));
    const early = valuesOf(entry.expiry);
    const second = valuesOf(entry.expiry);
    await clock.advance(HOUR - 30 * SECOND);
    const late = valuesOf(entry.expiry);
    await clock.advance(2 * HOUR);
    const afterwards = valuesOf(entry.expiry);
    await clock.advance(HOUR);
    expect(names(early)).toEqual(['fresh', 'expiring', 'expired']);
    expect(names(second)).toEqual(['fresh', 'expiring', 'expired']);
    expect(names(late)).toEqual(['expiring', 'expired']);
    expect(names(afterwards)).toEqual(['expired']);
  });

  test('a late subscriber gets the current value synchronously, though no timer ran', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START));
    clock.jump(2 * HOUR);
    const listener = vi.fn<(expiry: Expiry) => void>();
    entry.expiry.subscribe(listener);
    expect(listener.mock.calls.map(([{ status }]) => status)).toEqual(['expired']);
  });

  test('a subscriber that comes before the timer makes nobody miss or see twice', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START));
    const first = valuesOf(entry.expiry);
    clock.jump(2 * HOUR);
    const second = valuesOf(entry.expiry);
    await clock.advance(2 * MINUTE);
    expect(first.map(({ status }) => status)).toEqual(['fresh', 'expired']);
    expect(second.map(({ status }) => status)).toEqual(['expired']);
  });

  test('reading value between timers neither swallows the transition nor repeats it', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START));
    const seen = valuesOf(entry.expiry);
    clock.jump(2 * HOUR);
    expect(entry.expiry.value.status).toBe('expired');
    expect(entry.expiry.value).toBe(entry.expiry.value);
    await entry.get();
    await entry.get();
    await clock.advance(2 * MINUTE);
    expect(seen.map(({ status }) => status)).toEqual(['fresh', 'expired']);
  });

  test('per record: a renewed one runs through its own transitions', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START));
    const seen = statusesOf(entry);
    await clock.advance(HOUR);
    await entry.set(tokens(clock.now()));
    await clock.advance(HOUR);
    expect(seen).toEqual(['fresh', 'expiring', 'expired', 'fresh', 'expiring', 'expired']);
  });

  test('replaced at the very moment of expiry: nothing of the old deadline comes after it', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START));
    const seen = statusesOf(entry);
    await clock.advance(HOUR - 1);
    await entry.set(tokens(clock.now(), 7200));
    await clock.advance(HOUR);
    expect(seen).toEqual(['fresh', 'expiring', 'fresh']);
  });

  test('replaced twice in one tick: each once', async () => {
    const { entry, clock } = setUp();
    const seen = valuesOf(entry.expiry);
    await Promise.all([entry.set(tokens(START, 100)), entry.set(tokens(START, 200))]);
    await turns();
    expect(seen.map(({ expiresAt }) => expiresAt?.getTime())).toEqual([
      undefined,
      clock.now() + 100_000,
      clock.now() + 200_000,
    ]);
  });

  test('setting the very same credentials again tells nobody', async () => {
    const { entry } = setUp();
    await entry.set(tokens(START));
    const seen = [valuesOf(entry.expiry), valuesOf(entry.credentials)];
    await entry.set(tokens(START));
    await entry.update((current) => current);
    await entry.get();
    await turns();
    expect(seen.map(({ length }) => length)).toEqual([1, 1]);
  });

  test('expired, found at load: one value, at once', async () => {
    const { storage, clock } = setUp();
    await createCredentialStore({ storage, clock })
      .entry()
      .set(tokens(START - 2 * HOUR));
    const later = createCredentialStore({ storage, clock }).entry();
    const seen = valuesOf(later.expiry);
    await clock.advance(HOUR);
    await later.get();
    expect(seen.map(({ status }) => status)).toEqual(['expired']);
  });

  test('a store on the same backend object hears of each change once', async () => {
    const { storage, clock, entry } = setUp();
    const other = createCredentialStore({ storage, clock }).entry();
    const seen = statusesOf(other);
    await entry.set(tokens(START));
    await clock.advance(HOUR);
    await entry.delete();
    await clock.advance(HOUR);
    expect(seen).toEqual(['absent', 'fresh', 'expiring', 'expired', 'absent']);
  });

  test('two entries do not hear of each other', async () => {
    const { store, clock } = setUp();
    await store.entry('a').set(tokens(START, 100));
    await store.entry('b').set(tokens(START, 1000));
    const seen = valuesOf(store.entry('b').expiry);
    await clock.advance(200 * SECOND);
    await store.entry('a').delete();
    expect(seen).toHaveLength(1);
  });
});

describe('after delete()', () => {
  test('one absent, and nothing more of the deleted record', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START));
    const seen = valuesOf(entry.expiry);
    const seenCredentials = valuesOf(entry.credentials);
    await clock.advance(HOUR - 30 * SECOND);
    await entry.delete();
    await clock.advance(24 * HOUR);
    expect(seen.map(({ status }) => status)).toEqual(['fresh', 'expiring', 'absent']);
    expect(seen.at(-1)).toMatchObject({ expiresAt: null, refreshing: false, error: undefined });
    expect(seenCredentials.map((value) => value?.access_token)).toEqual([`access-${START}`, undefined]);
  });

  test('a second delete() tells nobody', async () => {
    const { entry } = setUp();
    await entry.set(tokens(START));
    const seen = statusesOf(entry);
    const count = valuesOf(entry.expiry);
    await Promise.all([entry.delete(), entry.delete()]);
    await entry.delete();
    expect(seen).toEqual(['fresh', 'absent']);
    expect(count).toHaveLength(2);
  });

  test('clear() does the same', async () => {
    const { clock, entry, store } = setUp();
    await entry.set(tokens(START));
    const seen = valuesOf(entry.expiry);
    await store.clear();
    await clock.advance(2 * HOUR);
    expect(seen.map(({ status }) => status)).toEqual(['fresh', 'absent']);
  });

  test('a refresh on its way brings nothing back', async () => {
    let answer!: (value: { access_token: string; expires_in: number }) => void;
    const { clock, entry } = setUp({
      refresh: () => new Promise((resolve) => (answer = resolve)),
    });
    await entry.set(tokens(START));
    const seen = statusesOf(entry);
    await clock.advance(HOUR - 30 * SECOND);
    await entry.delete();
    answer({ access_token: 'late', expires_in: 3600 });
    await clock.advance(HOUR);
    expect(seen).toEqual(['fresh', 'expiring', 'absent']);
    expect(await entry.get()).toBeUndefined();
  });
});

describe('the values of one entry belong together', () => {
  test('a listener sees credentials, expiry and time left of one record', async () => {
    const { clock, entry } = setUp();
    const seen: unknown[] = [];
    const look = (): void => {
      const { expiresAt } = entry.expiry.value;
      seen.push(
        entry.credentials.value?.expires_in === undefined
          ? entry.expiry.value.status === 'absent' && entry.timeLeft().value === null
          : expiresAt!.getTime() === START + entry.credentials.value.expires_in! * 1000 &&
              entry.timeLeft().value === Math.ceil((expiresAt!.getTime() - clock.now()) / 1000),
      );
      seen.push(entry.credentials.getSnapshot() === entry.credentials.value);
      seen.push(entry.expiry.getSnapshot() === entry.expiry.value);
      seen.push(entry.timeLeft().getSnapshot() === entry.timeLeft().value);
    };
    entry.timeLeft().subscribe(look);
    entry.expiry.subscribe(look);
    entry.credentials.subscribe(look);
    await entry.set(tokens(START, 100));
    await entry.set(tokens(START, 200));
    await clock.advance(SECOND);
    await entry.delete();
    expect(seen.filter((isRight) => isRight !== true)).toEqual([]);
  });

  test('the same value object while no member changed', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START));
    const first = entry.expiry.value;
    await clock.advance(MINUTE);
    await entry.get();
    expect(entry.expiry.value).toBe(first);
    expect(entry.expiry.get()).toBe(first);
    const { credentials } = entry;
    expect(credentials.value).toBe(credentials.value);
    expect(credentials.get()).toBe(credentials.value);
  });

  test('what comes out is frozen, and its Date moves no deadline', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START));
    const seen = statusesOf(entry);
    const { expiresAt } = entry.expiry.value;
    expect(Object.isFrozen(entry.expiry.value)).toBe(true);
    expect(Object.isFrozen(entry.credentials.value)).toBe(true);
    expiresAt!.setTime(0);
    entry.credentials.value!.issued_at!.setTime(0);
    await clock.advance(MINUTE);
    expect(seen).toEqual(['fresh']);
    expect(entry.expiry.value.status).toBe('fresh');
    expect(await entry.get()).toMatchObject({ issued_at: new Date(START) });
  });
});

describe('options', () => {
  test('another leeway moves expiring', async () => {
    const { clock, entry } = setUp({ leeway: 600 });
    await entry.set(tokens(START));
    const seen = statusesOf(entry);
    await clock.advance(HOUR - 600 * SECOND - 1);
    expect(seen).toEqual(['fresh']);
    await clock.advance(1);
    expect(seen).toEqual(['fresh', 'expiring']);
  });

  test('trust makes an unknown expiry fresh; invalidate() queues it even so', async () => {
    const { entry } = setUp({ unknownExpiry: 'trust' });
    await entry.set({ access_token: 'access' });
    const seen = statusesOf(entry);
    await entry.invalidate();
    expect(seen).toEqual(['fresh', 'queued']);
  });

  test('zero lifetime: expired at once, never expiring', async () => {
    const { clock, entry } = setUp();
    const seen = statusesOf(entry);
    await entry.set(tokens(START, 0));
    await clock.advance(HOUR);
    expect(seen).toEqual(['absent', 'expired']);
  });

  test('an invalidated record still expires at its deadline', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START));
    const seen = statusesOf(entry);
    await entry.invalidate();
    await clock.advance(HOUR);
    expect(seen).toEqual(['fresh', 'queued', 'expired']);
  });

  test('known not to expire: fresh until invalidate()', async () => {
    const { storage, clock, entry } = setUp();
    await entry.set({ access_token: 'access', expires_in: null });
    const seen = statusesOf(entry);
    clock.jump(1000 * 365 * 24 * HOUR);
    await clock.advance(2 * MINUTE);
    await entry.invalidate();
    expect(seen).toEqual(['fresh', 'queued']);
    expect(createCredentialStore({ storage, clock }).entry().expiry.value.status).toBe('queued');
  });

  test('a clock that is an hour off all the time changes nothing for a token that has just been issued', async () => {
    for (const offset of [-HOUR, HOUR]) {
      const { clock, entry } = setUp({ storage: memoryBackend() });
      clock.jump(offset);
      await entry.set(tokens(clock.now()));
      const seen = statusesOf(entry);
      await clock.advance(HOUR - MINUTE - 1);
      expect(seen).toEqual(['fresh']);
      await clock.advance(MINUTE + 1);
      expect(seen).toEqual(['fresh', 'expiring', 'expired']);
    }
  });
});
