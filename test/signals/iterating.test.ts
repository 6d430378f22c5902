import { describe, expect, test } from 'vitest';
import type { Credentials } from '../../src/index.js';
import { HOUR, isSettled, MINUTE, setUp, slowBackend, START, tokens, turns } from '../expiry/support.js';

describe('for await', () => {
  test('gives the current value, then each change, and ends with close()', async () => {
    const { clock, entry, store } = setUp();
    await entry.set(tokens(START));
    const seen: string[] = [];
    const loop = (async () => {
      for await (const { status } of entry.expiry) seen.push(status);
    })();
    await clock.advance(HOUR);
    await entry.delete();
    await turns();
    await store.close();
    await loop;
    expect(seen).toEqual(['fresh', 'expiring', 'expired', 'absent']);
  });

  test('break releases at once', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START));
    for await (const { status } of entry.expiry) {
      expect(status).toBe('fresh');
      break;
    }
    expect(clock.armed.size).toBe(0);
  });

  test('so does a body that throws', async () => {
    const { clock, entry } = setUp();
    const loop = (async () => {
      for await (const expiry of entry.expiry) throw new Error(expiry.status);
    })();
    await expect(loop).rejects.toThrow('absent');
    expect(clock.armed.size).toBe(0);
  });
});

describe('the iterator', () => {
  test('the latest wins: what nobody fetched is skipped', async () => {
    const { entry } = setUp();
    const iterator = entry.credentials[Symbol.asyncIterator]();
    expect((await iterator.next()).value).toBeUndefined();
    for (const name of ['one', 'two', 'three']) await entry.set({ access_token: name, expires_in: null });
    expect(((await iterator.next()) as IteratorResult<Credentials>).value?.access_token).toBe('three');
    expect(await isSettled(iterator.next())).toBe(false);
    await iterator.return!();
  });

  test('subscribes with the first next(), not before', async () => {
    const storage = slowBackend();
    const { clock, entry } = setUp({ storage });
    const iterator = entry.expiry[Symbol.asyncIterator]();
    await turns();
    expect([clock.armed.size, storage.reads]).toEqual([0, 0]);
    void iterator.next();
    expect(clock.armed.size).toBe(1);
    await iterator.return!();
    expect(clock.armed.size).toBe(0);
  });

  test('return() settles a pending next() at once, and releases', async () => {
    const { clock, entry } = setUp();
    const iterator = entry.expiry[Symbol.asyncIterator]();
    await iterator.next();
    const pending = iterator.next();
    const another = iterator.next();
    expect(await iterator.return!()).toEqual({ value: undefined, done: true });
    expect(await pending).toEqual({ value: undefined, done: true });
    expect(await another).toEqual({ value: undefined, done: true });
    expect(clock.armed.size).toBe(0);
    await entry.set(tokens(START));
    expect(await iterator.next()).toEqual({ value: undefined, done: true });
    expect(clock.armed.size).toBe(0);
  });

  test('return() before the first next(): done, and nothing ever armed', async () => {
    const { clock, entry } = setUp();
    const iterator = entry.expiry[Symbol.asyncIterator]();
    await iterator.return!();
    expect(await iterator.next()).toEqual({ value: undefined, done: true });
    expect(clock.armed.size).toBe(0);
    expect(clock.delays).toEqual([]);
  });

  test('return() twice, and with a value', async () => {
    const { entry } = setUp();
    const iterator = entry.expiry[Symbol.asyncIterator]();
    await iterator.next();
    expect((await iterator.return!()).done).toBe(true);
    expect((await iterator.return!()).done).toBe(true);
  });

  test('concurrent next() are answered in order, one value each', async () => {
    const { entry } = setUp();
    const iterator = entry.credentials[Symbol.asyncIterator]();
    const three = [iterator.next(), iterator.next(), iterator.next()];
    await entry.set({ access_token: 'one', expires_in: null });
    await entry.set({ access_token: 'two', expires_in: null });
    const values = await Promise.all(three);
    expect(values.map(({ value }) => (value as Credentials | undefined)?.access_token)).toEqual([
      undefined,
      'one',
      'two',
    ]);
    await iterator.return!();
  });

  test('is itself iterable, and independent of others', async () => {
    const { entry } = setUp();
    const [one, two] = [entry.expiry[Symbol.asyncIterator](), entry.expiry[Symbol.asyncIterator]()];
    expect(one[Symbol.asyncIterator]()).toBe(one);
    await one.next();
    await one.return!();
    expect((await two.next()).value.status).toBe('absent');
    const pending = two.next();
    await entry.set(tokens(START));
    expect((await pending).value.status).toBe('fresh');
    await two.return!();
  });

  test('completes on close(), also where a next() is pending', async () => {
    const { entry, store } = setUp();
    const iterator = entry.expiry[Symbol.asyncIterator]();
    await iterator.next();
    const pending = iterator.next();
    await store.close();
    expect(await pending).toEqual({ value: undefined, done: true });
    expect((await iterator.next()).done).toBe(true);
  });

  test('of a closed store: ends', async () => {
    const { clock, entry, store } = setUp();
    await store.close();
    let count = 0;
    for await (const _ of entry.expiry) count += 1;
    expect(count).toBeLessThanOrEqual(1);
    expect(clock.armed.size).toBe(0);
    expect(clock.held()).toBe(0);
  });

  test('the first value of a slow backend is loading, then what is stored', async () => {
    const { entry } = setUp({ storage: slowBackend() });
    const iterator = entry.expiry[Symbol.asyncIterator]();
    expect((await iterator.next()).value.status).toBe('loading');
    expect((await iterator.next()).value.status).toBe('absent');
    await iterator.return!();
  });

  test('of timeLeft ticks', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START, 60));
    const iterator = entry.timeLeft({ every: MINUTE / 2 })[Symbol.asyncIterator]();
    const seen = [];
    for (let time = 0; time < 3; time += 1) {
      const next = iterator.next();
      if (time) await clock.advance(MINUTE / 2);
      seen.push((await next).value as number);
    }
    expect(seen).toEqual([60, 30, 0]);
    await iterator.return!();
  });
});
