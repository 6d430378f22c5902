import { beforeEach, describe, expect, test, vi } from 'vitest';
import { createCredentialStore, memoryBackend, type StorageBackend } from '../../src/index.js';
import {
  countingClock,
  type FakeHost,
  HOUR,
  MINUTE,
  setUp,
  slowBackend,
  START,
  stubHost,
  tokens,
  turns,
} from './support.js';

let host: FakeHost;
beforeEach(() => {
  host = stubHost();
});

function refuse(name: string): () => never {
  return () => {
    throw new Error(`${name} was used.`);
  };
}

describe('importing and constructing do nothing', () => {
  test('with everything stubbed that could be touched', async () => {
    vi.resetModules();
    for (const name of ['setTimeout', 'setInterval', 'addEventListener', 'fetch', 'queueMicrotask'])
      vi.stubGlobal(name, refuse(name));
    vi.stubGlobal('AbortController', refuse('AbortController'));
    vi.stubGlobal('BroadcastChannel', refuse('BroadcastChannel'));
    vi.stubGlobal('crypto', new Proxy({}, { get: refuse('crypto') }));
    const clock = {
      now: refuse('now'),
      setTimeout: refuse('setTimeout'),
      clearTimeout: refuse('clearTimeout'),
    };
    const backend: StorageBackend = {
      name: 'refusing',
      scope: 'context',
      persistent: false,
      get: refuse('get'),
      compareAndSet: refuse('compareAndSet'),
      keys: refuse('keys'),
      subscribe: refuse('subscribe'),
      lease: refuse('lease'),
    };
    const library = await import('../../src/index.js');
    library.memoryBackend();
    const store = library.createCredentialStore({
      storage: backend,
      clock,
      refresh: refuse('refresh'),
      onError: refuse('onError'),
    });
    const entry = store.entry('some');
    expect(entry.key).toBe('some');
    for (const signal of [entry.expiry, entry.credentials, entry.timeLeft(), store.health]) {
      expect(typeof signal.subscribe).toBe('function');
      signal.getServerSnapshot();
      signal[Symbol.asyncIterator]();
    }
    expect(host.listeners()).toBe(0);
  });

  test('the default clock looks its functions up at each call, so that fake timers work', async () => {
    vi.useFakeTimers({ now: START });
    try {
      const entry = createCredentialStore({ storage: memoryBackend() }).entry();
      await entry.set(tokens(START));
      const seen: string[] = [];
      const unsubscribe = entry.expiry.subscribe(({ status }) => void seen.push(status));
      vi.advanceTimersByTime(HOUR);
      expect(seen).toEqual(['fresh', 'expiring', 'expired']);
      unsubscribe();
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('timers and listeners exist only while something observes', () => {
  test('reading and writing arm nothing', async () => {
    const { clock, entry, store } = setUp({ refresh: () => Promise.resolve(tokens(START)) });
    await entry.set(tokens(START));
    await entry.get();
    await entry.update((current) => ({ ...current, scope: 'all' }));
    await entry.invalidate();
    expect([entry.expiry.value, entry.expiry.getSnapshot(), entry.timeLeft().value]).toHaveLength(3);
    await entry.getAccessToken();
    await entry.refresh();
    await store.keys();
    await turns();
    expect(clock.armed.size).toBe(0);
    expect(host.listeners()).toBe(0);
  });

  test.each(['expiry', 'credentials', 'timeLeft'] as const)(
    'a subscription to %s holds one timer, and gives all back',
    async (name) => {
      const { clock, entry } = setUp();
      await entry.set(tokens(START));
      const signal = name === 'timeLeft' ? entry.timeLeft() : entry[name];
      const first = signal.subscribe(() => {});
      const second = signal.subscribe(() => {});
      expect(clock.armed.size).toBe(1);
      expect(host.listeners()).toBeGreaterThanOrEqual(5);
      await clock.advance(5 * MINUTE);
      first();
      first();
      expect(clock.armed.size).toBe(1);
      second.unsubscribe();
      expect(clock.armed.size).toBe(0);
      expect(host.listeners()).toBe(0);
    },
  );

  test('so do for await, until and expirySignal', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START));

    const iterator = entry.expiry[Symbol.asyncIterator]();
    await iterator.next();
    expect(clock.armed.size).toBe(1);
    await iterator.return!();
    expect([clock.armed.size, host.listeners()]).toEqual([0, 0]);

    const reached = entry.until('expired');
    await turns();
    expect(clock.armed.size).toBe(1);
    await clock.advance(HOUR);
    await reached;
    await turns();
    expect([clock.armed.size, host.listeners()]).toEqual([0, 0]);

    const aborting = new AbortController();
    const left = entry.until('fresh', { signal: aborting.signal });
    aborting.abort();
    await expect(left).rejects.toThrow();
    expect([clock.armed.size, host.listeners()]).toEqual([0, 0]);

    await entry.set(tokens(clock.now()));
    const signal = entry.expirySignal();
    expect(clock.armed.size).toBe(1);
    await clock.advance(HOUR);
    expect(signal.aborted).toBe(true);
    expect([clock.armed.size, host.listeners()]).toEqual([0, 0]);
  });

  test('a listener that unsubscribes in its first call, or whose first call throws, leaves nothing behind', async () => {
    vi.stubGlobal('reportError', () => {});
    const { clock, entry } = setUp();
    await entry.set(tokens(START));
    const throwing = entry.expiry.subscribe(() => {
      throw new Error('first call');
    });
    throwing();
    const later = entry.expiry.subscribe(() => later?.());
    later();
    expect([clock.armed.size, host.listeners()]).toEqual([0, 0]);
  });

  test('one timer for 1,000 entries', async () => {
    const { clock, store } = setUp();
    const unsubscribes = [];
    for (let index = 0; index < 1000; index += 1) {
      const entry = store.entry(`${index}`);
      if (index % 100 === 0) await entry.set(tokens(START, 3600 + index));
      unsubscribes.push(
        entry.expiry.subscribe(() => {}),
        entry.timeLeft().subscribe(() => {}),
      );
    }
    expect(clock.armed.size).toBe(1);
    const listeners = host.listeners();
    expect(listeners).toBeLessThanOrEqual(10);
    await clock.advance(3000);
    expect(clock.armed.size).toBe(1);
    for (const unsubscribe of unsubscribes) unsubscribe();
    expect([clock.armed.size, host.listeners()]).toEqual([0, 0]);
  });

  test('close() gives all back', async () => {
    const { clock, entry, store } = setUp();
    await entry.set(tokens(START));
    entry.expiry.subscribe(() => {});
    const signal = entry.expirySignal();
    const iterator = entry.credentials[Symbol.asyncIterator]();
    await iterator.next();
    const pending = entry.until('expired');
    pending.catch(() => {});
    await store.close();
    expect(signal.aborted).toBe(true);
    expect([clock.armed.size, host.listeners()]).toEqual([0, 0]);
  });

  test('hints of the backend are listened to only while something observes', async () => {
    let listening = 0;
    const inner = memoryBackend();
    const { entry } = setUp({
      storage: {
        ...inner,
        subscribe: () => {
          listening += 1;
          return () => void (listening -= 1);
        },
      },
    });
    await entry.set(tokens(START));
    expect(listening).toBe(0);
    const unsubscribes = [entry.expiry.subscribe(() => {}), entry.credentials.subscribe(() => {})];
    expect(listening).toBe(1);
    for (const unsubscribe of unsubscribes) unsubscribe();
    expect(listening).toBe(0);
  });

  test('2,000 subscriptions, iterations and aborts in turn leave nothing behind', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START));
    for (let time = 0; time < 2000; time += 1) {
      entry.expiry.subscribe(() => {})();
      if (time % 10) continue;
      const iterator = entry.timeLeft()[Symbol.asyncIterator]();
      await iterator.next();
      await iterator.return!();
      const aborting = new AbortController();
      const left = entry.until('expired', { signal: aborting.signal });
      aborting.abort();
      await left.catch(() => {});
    }
    expect([clock.armed.size, host.listeners()]).toEqual([0, 0]);
  });
});

describe('what holds a Node process', () => {
  test('no subscription and no expirySignal does', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START));
    entry.expiry.subscribe(() => {});
    entry.timeLeft().subscribe(() => {});
    entry.expirySignal();
    expect(clock.held()).toBe(0);
    await clock.advance(10 * MINUTE);
    expect([clock.armed.size, clock.held()]).toEqual([1, 0]);
  });

  test('a pending until() does, as long as it is pending', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START));
    entry.expiry.subscribe(() => {});
    const reached = entry.until('expired');
    await turns();
    expect(clock.held()).toBe(1);
    await clock.advance(30 * MINUTE);
    expect(clock.held()).toBe(1);
    await clock.advance(30 * MINUTE);
    await reached;
    await turns();
    expect([clock.armed.size, clock.held()]).toEqual([1, 0]);
  });

  test('so does an until() on a backend that has not answered yet', async () => {
    const { clock, entry } = setUp({ storage: slowBackend() });
    const reached = entry.until('absent');
    expect(clock.held()).toBe(1);
    await reached;
    await turns();
    expect(clock.held()).toBe(0);
  });

  test('a pending next() does, and an iterator that nobody waits for does not', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START));
    const iterator = entry.expiry[Symbol.asyncIterator]();
    await iterator.next();
    expect(clock.held()).toBe(0);
    const pending = iterator.next();
    expect(clock.held()).toBe(1);
    await clock.advance(HOUR - MINUTE);
    await pending;
    expect(clock.held()).toBe(0);
    void iterator.next();
    expect(clock.held()).toBe(1);
    await iterator.return!();
    expect([clock.armed.size, clock.held()]).toEqual([0, 0]);
  });

  test('a clock whose handles are numbers, or undefined, is as good', async () => {
    const inner = countingClock();
    const handles = new Map<number, unknown>();
    let last = 0;
    const clock = {
      now: () => inner.now(),
      setTimeout(run: () => void, milliseconds: number): number {
        handles.set((last += 1), inner.setTimeout(run, milliseconds));
        return last;
      },
      clearTimeout: (handle: unknown): void => inner.clearTimeout(handles.get(handle as number)),
    };
    const entry = createCredentialStore({ storage: memoryBackend(), clock }).entry();
    await entry.set(tokens(START));
    const reached = entry.until('expired');
    await inner.advance(HOUR);
    expect((await reached).status).toBe('expired');
    expect(inner.armed.size).toBe(0);
  });
});
