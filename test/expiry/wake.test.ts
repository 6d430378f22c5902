import { beforeEach, describe, expect, test } from 'vitest';
import { createCredentialStore, memoryBackend } from '../../src/index.js';
import {
  DAY,
  type FakeHost,
  HOUR,
  MINUTE,
  SECOND,
  setUp,
  slowBackend,
  START,
  statusesOf,
  stubHost,
  tokens,
  turns,
  valuesOf,
} from './support.js';

let host: FakeHost;
beforeEach(() => {
  host = stubHost();
});

const wakes = ['visibilitychange', 'resume', 'pageshow', 'focus', 'online'] as const;

describe('after sleep', () => {
  test.each(wakes)('%s tells at once, once, straight to the current status', async (type) => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START));
    const seen = valuesOf(entry.expiry);
    clock.jump(2 * HOUR);
    host.dispatch(type);
    expect(seen.map(({ status }) => status)).toEqual(['fresh', 'expired']);
    for (const other of wakes) host.dispatch(other);
    await clock.advance(10 * MINUTE);
    expect(seen.map(({ status }) => status)).toEqual(['fresh', 'expired']);
  });

  test.each(wakes)('%s into the leeway: expiring, and expired at its moment', async (type) => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START));
    const seen: [string, number][] = [];
    entry.expiry.subscribe(({ status }) => void seen.push([status, clock.now() - START]));
    clock.jump(HOUR - 30 * SECOND);
    host.dispatch(type);
    await clock.advance(MINUTE);
    expect(seen).toEqual([
      ['fresh', 0],
      ['expiring', HOUR - 30 * SECOND],
      ['expired', HOUR],
    ]);
  });

  test('all wake events in a row are one transition, with a backend that answers later too', async () => {
    const { clock, entry } = setUp({ storage: slowBackend() });
    await entry.set(tokens(START));
    await entry.get();
    const seen = valuesOf(entry.expiry);
    await turns();
    clock.jump(2 * HOUR);
    for (const type of wakes) host.dispatch(type);
    await turns();
    await clock.advance(10 * MINUTE);
    expect(seen.map(({ status }) => status)).toEqual(['fresh', 'expired']);
  });

  test('the page becoming hidden needs nothing; becoming visible tells', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START));
    const seen = statusesOf(entry);
    host.setVisibility('hidden');
    clock.jump(2 * HOUR);
    host.setVisibility('visible');
    expect(seen).toEqual(['fresh', 'expired']);
  });

  test.each([0, 1, 30_000, 59_999])(
    'where the host sends no wake event, at most 60 s late (asleep %i ms after it was armed)',
    async (before) => {
      const { clock, entry } = setUp();
      await entry.set(tokens(START));
      const seen = statusesOf(entry);
      await clock.advance(before);
      clock.jump(2 * HOUR);
      await clock.advance(MINUTE);
      expect(seen).toEqual(['fresh', 'expired']);
    },
  );

  test('a sleep across many deadlines is caught up with for all entries', async () => {
    const { clock, store } = setUp();
    const seen = [];
    for (let index = 1; index <= 50; index += 1) {
      const entry = store.entry(`${index}`);
      await entry.set(tokens(START, index * 60));
      seen.push(statusesOf(entry));
    }
    clock.jump(30 * MINUTE + 1);
    host.dispatch('resume');
    for (const [index, statuses] of seen.entries()) {
      const left = (index + 1) * 60 - 1800;
      const expected = left <= 0 ? ['fresh', 'expired'] : left <= 60 ? ['fresh', 'expiring'] : ['fresh'];
      expect(statuses).toEqual(expected);
    }
  });

  test('what another context stored meanwhile is read on wake', async () => {
    const values = new Map<string, string>();
    const backend = () => ({ ...memoryBackend(), ...mapMethods(values) });
    const clock = setUp().clock;
    const here = createCredentialStore({ storage: backend(), clock }).entry();
    const elsewhere = createCredentialStore({ storage: backend(), clock }).entry();
    await here.set(tokens(START));
    const seen = statusesOf(here);
    await elsewhere.delete();
    expect(seen).toEqual(['fresh']);
    host.dispatch('focus');
    await turns();
    expect(seen).toEqual(['fresh', 'absent']);
  });

  test('signed out and in again elsewhere while asleep: the present state, not the history', async () => {
    const values = new Map<string, string>();
    const backend = () => ({ ...memoryBackend(), ...mapMethods(values) });
    const clock = setUp().clock;
    const here = createCredentialStore({ storage: backend(), clock }).entry();
    const elsewhere = createCredentialStore({ storage: backend(), clock }).entry();
    await here.set(tokens(START));
    const seen = valuesOf(here.credentials);
    await elsewhere.delete();
    await elsewhere.set({ access_token: 'second', expires_in: null });
    host.dispatch('pageshow');
    await turns();
    expect(seen.map((value) => value?.access_token)).toEqual([`access-${START}`, 'second']);
  });
});

describe('nothing on focus when nothing changed', () => {
  test.each(['memory', 'a backend that answers later'])('100 times, with %s', async (name) => {
    const { clock, entry } = setUp(name === 'memory' ? {} : { storage: slowBackend() });
    await entry.set(tokens(START));
    await entry.get();
    const seen = [
      valuesOf<unknown>(entry.expiry),
      valuesOf<unknown>(entry.credentials),
      valuesOf<unknown>(entry.timeLeft()),
    ];
    await turns();
    const before = seen.map(({ length }) => length);
    const snapshots = [entry.expiry.getSnapshot(), entry.credentials.getSnapshot(), entry.expiry.value];
    for (let time = 0; time < 100; time += 1) {
      host.setVisibility('hidden');
      host.dispatch('blur');
      host.setVisibility('visible');
      for (const type of wakes) host.dispatch(type);
    }
    await turns();
    expect(seen.map(({ length }) => length)).toEqual(before);
    const after = [entry.expiry.getSnapshot(), entry.credentials.getSnapshot(), entry.expiry.value];
    for (const [index, snapshot] of snapshots.entries()) expect(after[index]).toBe(snapshot);
    expect(clock.armed.size).toBe(1);
  });
});

describe('a clock that is set', () => {
  test('back: the status is evaluated again within 60 s', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START));
    const seen = statusesOf(entry);
    await clock.advance(HOUR);
    expect(seen).toEqual(['fresh', 'expiring', 'expired']);
    clock.jump(-10 * MINUTE);
    expect(entry.expiry.value.status).toBe('fresh');
    await clock.advance(MINUTE);
    expect(seen).toEqual(['fresh', 'expiring', 'expired', 'fresh']);
    await clock.advance(10 * MINUTE);
    expect(seen).toEqual(['fresh', 'expiring', 'expired', 'fresh', 'expiring', 'expired']);
  });

  test('back: evaluated again at once on a wake event', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START));
    const seen = statusesOf(entry);
    await clock.advance(HOUR);
    clock.jump(-30 * SECOND);
    host.dispatch('focus');
    expect(seen).toEqual(['fresh', 'expiring', 'expired', 'expiring']);
    await clock.advance(30 * SECOND);
    expect(seen).toEqual(['fresh', 'expiring', 'expired', 'expiring', 'expired']);
  });

  test('back by a day, while another timer is armed for a nearer moment', async () => {
    const { clock, store } = setUp();
    const [long, short] = [store.entry('long'), store.entry('short')];
    await long.set(tokens(START));
    await short.set(tokens(START, 3610));
    const seen = [statusesOf(long), statusesOf(short)];
    await clock.advance(HOUR + 5 * SECOND);
    expect(seen).toEqual([
      ['fresh', 'expiring', 'expired'],
      ['fresh', 'expiring'],
    ]);
    clock.jump(-DAY);
    await clock.advance(MINUTE);
    expect(seen).toEqual([
      ['fresh', 'expiring', 'expired', 'fresh'],
      ['fresh', 'expiring', 'fresh'],
    ]);
  });

  test('back: found at whatever comes first, a write included', async () => {
    const { clock, entry, store } = setUp();
    await entry.set(tokens(START));
    const seen = statusesOf(entry);
    await clock.advance(HOUR);
    clock.jump(-10 * MINUTE);
    const other = store.entry('other');
    valuesOf(other.expiry);
    await other.set(tokens(clock.now()));
    await clock.advance(0);
    await clock.advance(MINUTE);
    expect(seen).toEqual(['fresh', 'expiring', 'expired', 'fresh']);
  });

  test('forward: the status is evaluated again within 60 s, and the transition is not repeated', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START));
    const seen = statusesOf(entry);
    clock.jump(HOUR - 30 * SECOND);
    await clock.advance(MINUTE);
    await clock.advance(HOUR);
    // Which of the two the timer finds depends on when it fires; `expired` comes once.
    expect(seen.filter((status) => status === 'expired')).toHaveLength(1);
    expect(seen.at(-1)).toBe('expired');
  });

  test('forward and back again unseen: nothing happened', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START));
    const seen = valuesOf(entry.expiry);
    clock.jump(DAY);
    clock.jump(-DAY);
    for (const type of wakes) host.dispatch(type);
    await clock.advance(30 * MINUTE);
    expect(seen).toHaveLength(1);
  });

  test('back, again and again: no flood of timers', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START));
    valuesOf(entry.expiry);
    for (let time = 0; time < 20; time += 1) {
      clock.jump(-HOUR);
      await clock.advance(MINUTE);
    }
    expect(clock.armed.size).toBe(1);
    expect(clock.delays.length).toBeLessThan(100);
  });
});

function mapMethods(values: Map<string, string>) {
  return {
    get: (key: string) => values.get(key),
    compareAndSet(key: string, expected: string | undefined, next: string | undefined) {
      if (values.get(key) !== expected) return false;
      if (next === undefined) values.delete(key);
      else values.set(key, next);
      return true;
    },
    keys: (prefix: string) => [...values.keys()].filter((key) => key.startsWith(prefix)),
  };
}
