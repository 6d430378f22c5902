import { describe, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND, setUp, START, stubHost, tokens, turns, valuesOf } from './support.js';

describe('the value', () => {
  test.each<[string, number, number]>([
    ['whole', 10_000, 10],
    ['one millisecond less is rounded up', 9999, 10],
    ['one millisecond more is rounded up', 9001, 10],
    ['the last second', 1000, 1],
    ['the last millisecond', 1, 1],
    ['exactly expired', 0, 0],
    ['a millisecond ago', -1, 0],
    ['long ago', -1e9, 0],
  ])('%s', async (_, left, seconds) => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START, 3600));
    clock.jump(HOUR - left);
    expect(entry.timeLeft().value).toBe(seconds);
    expect(entry.timeLeft().get()).toBe(seconds);
    expect(entry.timeLeft().getSnapshot()).toBe(seconds);
    expect(entry.timeLeft({ every: 10_000 }).value).toBe(seconds);
    expect(Object.is(entry.timeLeft().value, -0)).toBe(false);
    expect(entry.expiry.value.status === 'expired').toBe(seconds === 0);
  });

  test('null without a deadline', async () => {
    const { entry } = setUp();
    expect(entry.timeLeft().value).toBeNull();
    await entry.set({ access_token: 'access', expires_in: null });
    expect(entry.timeLeft().value).toBeNull();
    await entry.set({ access_token: 'access' });
    expect(entry.timeLeft().value).toBeNull();
  });

  test('a second subscriber has the live value at once, and the first only its own ticks', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START, 100));
    const timeLeft = entry.timeLeft({ every: 10_000 });
    const first = valuesOf(timeLeft);
    await clock.advance(13 * SECOND);
    const second = valuesOf(timeLeft);
    await clock.advance(10 * SECOND);
    expect(first).toEqual([100, 90, 80]);
    expect(second).toEqual([87, 80]);
  });

  test('is live while observed, between two ticks', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START, 100));
    const timeLeft = entry.timeLeft({ every: 10_000 });
    const seen = valuesOf(timeLeft);
    await clock.advance(3 * SECOND);
    expect(timeLeft.value).toBe(97);
    expect(timeLeft.getSnapshot()).toBe(100);
    expect(seen).toEqual([100]);
  });
});

describe('the ticks', () => {
  test('every second by default, 0 exactly when expired, then nothing', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START, 5));
    const seen: [number | null, number, string][] = [];
    entry
      .timeLeft()
      .subscribe((left) => void seen.push([left, clock.now() - START, entry.expiry.value.status]));
    await clock.advance(HOUR);
    expect(seen).toEqual([
      [5, 0, 'fresh'],
      [4, 1000, 'fresh'],
      [3, 2000, 'fresh'],
      [2, 3000, 'expiring'],
      [1, 4000, 'expiring'],
      [0, 5000, 'expired'],
    ]);
  });

  test('are aligned to the deadline, whenever the subscriber came', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START, 5));
    await clock.advance(1300);
    const seen: [number | null, number][] = [];
    entry.timeLeft().subscribe((left) => void seen.push([left, clock.now() - START]));
    await clock.advance(HOUR);
    expect(seen).toEqual([
      [4, 1300],
      [3, 2000],
      [2, 3000],
      [1, 4000],
      [0, 5000],
    ]);
  });

  test('every 10 s: multiples of 10 after the first', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START, 37));
    const seen: [number | null, number][] = [];
    entry.timeLeft({ every: 10_000 }).subscribe((left) => void seen.push([left, clock.now() - START]));
    await clock.advance(HOUR);
    expect(seen).toEqual([
      [37, 0],
      [30, 7000],
      [20, 17_000],
      [10, 27_000],
      [0, 37_000],
    ]);
  });

  test('every 10 s: a change of status in between is no tick', async () => {
    const { clock, entry } = setUp({ leeway: 15 });
    await entry.set(tokens(START, 40));
    const seen = valuesOf(entry.timeLeft({ every: 10_000 }));
    const statuses = valuesOf(entry.expiry);
    await clock.advance(26 * SECOND);
    expect(statuses.map(({ status }) => status)).toEqual(['fresh', 'expiring']);
    expect(seen).toEqual([40, 30, 20]);
  });

  test('a second subscriber between two ticks leaves getSnapshot what the first was told, or tells the first', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START, 100));
    const timeLeft = entry.timeLeft({ every: 10_000 });
    const first = valuesOf(timeLeft);
    await clock.advance(3 * SECOND);
    valuesOf(timeLeft);
    expect(timeLeft.getSnapshot()).toBe(first.at(-1));
    await clock.advance(7 * SECOND);
    expect(first.at(-1)).toBe(90);
    expect(timeLeft.getSnapshot()).toBe(90);
  });

  test('faster than a second: the same value is not told again', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START, 3));
    const seen = valuesOf(entry.timeLeft({ every: 100 }));
    await clock.advance(HOUR);
    expect(seen).toEqual([3, 2, 1, 0]);
  });

  test('the same signal for equal options, another for others', () => {
    const { entry } = setUp();
    expect(entry.timeLeft()).toBe(entry.timeLeft({ every: 1000 }));
    expect(entry.timeLeft({})).toBe(entry.timeLeft());
    expect(entry.timeLeft({ every: 250 })).toBe(entry.timeLeft({ every: 250 }));
    expect(entry.timeLeft({ every: 250 })).not.toBe(entry.timeLeft());
  });

  test.each([0, -1, Number.NaN, '1000', null])('every: %s is a TypeError that names it', (every) => {
    const { entry } = setUp();
    expect(() => entry.timeLeft({ every: every as number })).toThrow(TypeError);
    expect(() => entry.timeLeft({ every: every as number })).toThrow(/every/);
  });

  test('signals of two paces tick side by side, on one timer', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START, 10));
    const fast = valuesOf(entry.timeLeft());
    const slow = valuesOf(entry.timeLeft({ every: 5000 }));
    expect(clock.armed.size).toBe(1);
    await clock.advance(10 * SECOND);
    expect(fast).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    expect(slow).toEqual([10, 5, 0]);
  });

  test('one that is no longer observed costs no timer', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START));
    valuesOf(entry.expiry);
    entry.timeLeft().subscribe(() => {})();
    const before = clock.delays.length;
    await clock.advance(10 * MINUTE);
    expect(clock.delays.length - before).toBeLessThan(15);
  });

  test('other tokens: told at once, and aligned to the new deadline', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START, 100));
    const seen = valuesOf(entry.timeLeft({ every: 10_000 }));
    await clock.advance(5 * SECOND);
    await entry.set(tokens(clock.now(), 33));
    await clock.advance(3 * SECOND);
    await entry.set({ access_token: 'access', expires_in: null });
    await entry.set(tokens(clock.now(), 7));
    await entry.delete();
    await clock.advance(MINUTE);
    expect(seen).toEqual([100, 33, 30, null, 7, null]);
  });

  test('after sleep: one value, the right one', async () => {
    const host = stubHost();
    const { clock, entry } = setUp();
    await entry.set(tokens(START, 3600));
    const seen = valuesOf(entry.timeLeft());
    clock.jump(HOUR - 10_500);
    host.dispatch('visibilitychange');
    await turns();
    expect(seen).toEqual([3600, 11]);
    clock.jump(DAY);
    host.dispatch('visibilitychange');
    await clock.advance(MINUTE);
    expect(seen).toEqual([3600, 11, 0]);
  });

  test('clock set back: the time left grows again', async () => {
    const host = stubHost();
    const { clock, entry } = setUp();
    await entry.set(tokens(START, 60));
    await clock.advance(MINUTE);
    const seen = valuesOf(entry.timeLeft());
    clock.jump(-30 * SECOND);
    host.dispatch('focus');
    await clock.advance(2 * SECOND);
    expect(seen).toEqual([0, 30, 29, 28]);
  });

  test('its server snapshot is null', async () => {
    const { entry } = setUp();
    await entry.set(tokens(START));
    expect(entry.timeLeft().getServerSnapshot()).toBeNull();
  });
});
