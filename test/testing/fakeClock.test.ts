import { readFile, writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IDBFactory } from 'fake-indexeddb';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { fakeClock } from '../../src/testing/index.js';

const DAY = 86_400_000;

afterEach(() => {
  vi.useRealTimers();
});

describe('now', () => {
  test('begins at the same fixed moment every day', () => {
    expect(new Date(fakeClock().now())).toEqual(new Date('2026-01-01T00:00:00Z'));
  });

  test('begins where it is told to, and stands still', async () => {
    const clock = fakeClock({ now: 5 });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(clock.now()).toBe(5);
  });
});

describe('advance', () => {
  test('runs what falls due, in order of time and then of creation', async () => {
    const clock = fakeClock({ now: 1000 });
    const ran: string[] = [];
    const note = (name: string) => () => void ran.push(`${name} at ${clock.now()}`);
    clock.setTimeout(note('late'), 300);
    clock.setTimeout(note('first'), 100);
    clock.setTimeout(note('second'), 100);
    clock.setTimeout(note('too late'), 301);
    await clock.advance(300);
    expect(ran).toEqual(['first at 1100', 'second at 1100', 'late at 1300']);
    expect(clock.now()).toBe(1300);
  });

  test('runs timers set meanwhile, if they fall due', async () => {
    const clock = fakeClock({ now: 0 });
    const ran: number[] = [];
    const again = (): void => {
      ran.push(clock.now());
      clock.setTimeout(again, 10);
    };
    clock.setTimeout(again, 10);
    await clock.advance(35);
    expect(ran).toEqual([10, 20, 30]);
    await clock.advance(5);
    expect(ran).toEqual([10, 20, 30, 40]);
  });

  test('runs no timer that was cleared, not even by the timer before it', async () => {
    const clock = fakeClock();
    const never = vi.fn<() => void>();
    const handle = clock.setTimeout(never, 10);
    clock.setTimeout(() => clock.clearTimeout(handle), 10 - 1);
    clock.clearTimeout(clock.setTimeout(never, 5));
    await clock.advance(20);
    expect(never).not.toHaveBeenCalled();
  });

  test('takes any handle for clearTimeout, as hosts do', () => {
    const clock = fakeClock();
    for (const handle of [undefined, null, 0, 'x', {}, fakeClock().setTimeout(() => {}, 1)]) {
      expect(() => clock.clearTimeout(handle)).not.toThrow();
    }
  });

  test('lets promises settle before the first timer, between timers and at the end', async () => {
    const clock = fakeClock();
    const ran: string[] = [];
    const later = async (name: string): Promise<void> => {
      for (let turn = 0; turn < 100; turn += 1) await Promise.resolve();
      ran.push(name);
    };
    clock.setTimeout(() => void later('after the first'), 10);
    clock.setTimeout(() => void ran.push('second'), 10);
    clock.setTimeout(() => void later('at the end'), 20);
    void later('before');
    await clock.advance(20);
    expect(ran).toEqual(['before', 'after the first', 'second', 'at the end']);
  });

  test('runs what a promise arms before time moves on', async () => {
    const clock = fakeClock({ now: 0 });
    const ran: number[] = [];
    void Promise.resolve().then(() => clock.setTimeout(() => void ran.push(clock.now()), 10));
    await clock.advance(100);
    expect(ran).toEqual([10]);
  });

  test('lets a transaction of IndexedDB complete', async () => {
    const clock = fakeClock();
    const database = await new Promise<IDBDatabase>((resolve) => {
      const request = new IDBFactory().open('database');
      request.addEventListener('upgradeneeded', () => request.result.createObjectStore('store'));
      request.addEventListener('success', () => resolve(request.result));
    });
    let completed = false;
    clock.setTimeout(() => {
      const transaction = database.transaction('store', 'readwrite');
      transaction.objectStore('store').put('value', 'key');
      transaction.addEventListener('complete', () => (completed = true));
    }, 10);
    await clock.advance(10);
    expect(completed).toBe(true);
  });

  test('lets the event loop turn, so that files are read meanwhile', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'shelflife-clock-'));
    try {
      await writeFile(join(directory, 'file'), 'text');
      const clock = fakeClock();
      let text: string | undefined;
      clock.setTimeout(() => void readFile(join(directory, 'file'), 'utf8').then((read) => (text = read)), 1);
      await vi.waitFor(async () => {
        await clock.advance(1);
        expect(text).toBe('text');
      });
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  test('of 0 milliseconds runs what is due now', async () => {
    const clock = fakeClock();
    const run = vi.fn<() => void>();
    clock.setTimeout(run, 0);
    expect(run).not.toHaveBeenCalled();
    await clock.advance(0);
    expect(run).toHaveBeenCalledOnce();
  });

  test('goes on after a timer that throws, and rejects at the end', async () => {
    const clock = fakeClock({ now: 0 });
    const after = vi.fn<() => void>();
    clock.setTimeout(() => {
      throw new Error('first');
    }, 10);
    clock.setTimeout(after, 20);
    await expect(clock.advance(20)).rejects.toThrow('first');
    expect(after).toHaveBeenCalledOnce();
    expect(clock.now()).toBe(20);
    await expect(clock.advance(1)).resolves.toBeUndefined();
  });

  test('takes turns with another one', async () => {
    const clock = fakeClock({ now: 0 });
    await Promise.all([clock.advance(10), clock.advance(20)]);
    expect(clock.now()).toBe(30);
  });

  test('waits 400 days in slices of a minute within seconds', { timeout: 60_000 }, async () => {
    const clock = fakeClock({ now: 0 });
    let slices = 0;
    const slice = (): void => {
      slices += 1;
      clock.setTimeout(slice, 60_000);
    };
    clock.setTimeout(slice, 60_000);
    const started = performance.now();
    await clock.advance(400 * DAY);
    expect(slices).toBe(576_000);
    expect(clock.now()).toBe(400 * DAY);
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  test("is not stopped by a runner's fake timers", async () => {
    vi.useFakeTimers();
    const clock = fakeClock();
    const run = vi.fn<() => void>();
    clock.setTimeout(run, 10);
    await clock.advance(10);
    expect(run).toHaveBeenCalledOnce();
  });

  test('turns the event loop where there is no setImmediate too', async () => {
    vi.stubGlobal('setImmediate', undefined);
    vi.resetModules();
    const { fakeClock: inBrowsers } = await import('../../src/testing/index.js');
    const clock = inBrowsers();
    const ran: string[] = [];
    clock.setTimeout(() => void Promise.resolve().then(() => ran.push('promise')), 10);
    clock.setTimeout(() => void ran.push('timer'), 10);
    await clock.advance(10);
    expect(ran).toEqual(['promise', 'timer']);
  });
});

describe('a delay that no host can keep', () => {
  test.each([2 ** 31, Infinity, -Infinity, NaN, -1, -0.5, 0.5])('of %d fires at once', async (delay) => {
    const clock = fakeClock();
    const run = vi.fn<() => void>();
    clock.setTimeout(run, delay);
    await clock.advance(0);
    expect(run).toHaveBeenCalledOnce();
  });

  test('is one above 2^31-1, and not that one', async () => {
    const clock = fakeClock();
    const run = vi.fn<() => void>();
    clock.setTimeout(run, 2 ** 31 - 1);
    await clock.advance(2 ** 31 - 2);
    expect(run).not.toHaveBeenCalled();
    await clock.advance(1);
    expect(run).toHaveBeenCalledOnce();
  });

  test('is told when it is armed again and again', { timeout: 60_000 }, async () => {
    const clock = fakeClock();
    const again = (): unknown => clock.setTimeout(again, 30 * DAY);
    again();
    await expect(clock.advance(30 * DAY)).rejects.toThrow('2^31-1');
  });
});

describe('jump', () => {
  test('moves the wall clock alone, forward and back', async () => {
    const clock = fakeClock({ now: 1000 });
    const run = vi.fn<() => void>();
    clock.setTimeout(run, 100);
    clock.jump(DAY);
    expect(clock.now()).toBe(1000 + DAY);
    await clock.advance(0);
    expect(run).not.toHaveBeenCalled();
    clock.jump(-2 * DAY);
    expect(clock.now()).toBe(1000 - DAY);
  });

  test('leaves timers the time they still had to wait', async () => {
    const clock = fakeClock({ now: 0 });
    const ran: number[] = [];
    clock.setTimeout(() => void ran.push(clock.now()), 100);
    await clock.advance(40);
    clock.jump(DAY);
    await clock.advance(59);
    expect(ran).toEqual([]);
    await clock.advance(1);
    expect(ran).toEqual([DAY + 100]);
  });

  test('may come from within a timer', async () => {
    const clock = fakeClock({ now: 0 });
    const ran: number[] = [];
    clock.setTimeout(() => clock.jump(-1000), 10);
    clock.setTimeout(() => void ran.push(clock.now()), 20);
    await clock.advance(20);
    expect(ran).toEqual([-980]);
  });
});

describe('a wrong argument is a TypeError that names it', () => {
  const clock = fakeClock();

  test.each([
    ['now', () => fakeClock({ now: NaN })],
    ['now', () => fakeClock({ now: new Date() as never })],
    ['run', () => clock.setTimeout('code' as never, 1)],
    ['milliseconds', () => clock.setTimeout(() => {}, '1' as never)],
    ['milliseconds', () => clock.jump(Infinity)],
    ['milliseconds', () => clock.jump(undefined as never)],
  ])('%s', (name, call) => {
    expect(call).toThrow(TypeError);
    expect(call).toThrow(name);
  });

  test.each([-1, NaN, Infinity, undefined, '1'])('advance of %s', async (milliseconds) => {
    await expect(clock.advance(milliseconds as never)).rejects.toThrow(TypeError);
    await expect(clock.advance(milliseconds as never)).rejects.toThrow('milliseconds');
  });
});
