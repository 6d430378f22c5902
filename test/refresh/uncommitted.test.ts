import { describe, expect, test } from 'vitest';
import { createCredentialStore, type CredentialStoreOptions, type StorageBackend } from '../../src/index.js';
import { fakeClock } from '../../src/testing/index.js';
import { bareBackend, deferred, expiredTokens, rejectionOf, tokens, turns } from '../store/support.js';

/** A backend object whose writes can be made to fail, or to wait. */
function faultyBackend() {
  const inner = bareBackend();
  const faults: { isBroken: boolean; gate: Promise<void> | undefined; read: Promise<void> | undefined } = {
    isBroken: false,
    gate: undefined,
    read: undefined,
  };
  const storage: StorageBackend = {
    ...inner,
    async get(key) {
      const text = inner.get(key);
      const { read } = faults;
      faults.read = undefined;
      await read;
      return text;
    },
    async compareAndSet(key, expected, next) {
      await faults.gate;
      if (faults.isBroken) throw new Error('disk full');
      return inner.compareAndSet(key, expected, next);
    },
  };
  const isStored = (name: string): boolean => [...inner.values.values()].some((text) => text.includes(name));
  return { storage, faults, isStored };
}

function setUp(options: Partial<CredentialStoreOptions> = {}) {
  const clock = fakeClock();
  const asked: unknown[] = [];
  const backend = faultyBackend();
  const create = (more: Partial<CredentialStoreOptions> = {}) =>
    createCredentialStore({
      storage: backend.storage,
      clock,
      onError: () => {},
      refresh: async ({ refresh_token }) => {
        asked.push(refresh_token);
        return tokens('rotated', clock.now());
      },
      ...options,
      ...more,
    });
  return { ...backend, clock, asked, create };
}

describe('refreshed credentials whose write failed', () => {
  test('survive a read that began before the tokens were stored that were refreshed', async () => {
    const { create, faults, isStored, clock, asked } = setUp();
    const store = create();
    const entry = store.entry();
    await entry.set(expiredTokens('one', clock.now()));
    const gate = deferred();
    faults.read = gate.promise;
    const stale = entry.get();
    await turns();
    await entry.set(expiredTokens('two', clock.now()));
    faults.isBroken = true;
    await rejectionOf(entry.refresh());
    gate.resolve();
    await stale;
    expect(store.health.value.status).toBe('failed');
    faults.isBroken = false;
    await clock.advance(130_000);
    expect(isStored('refresh-rotated')).toBe(true);
    expect(await create().entry().getAccessToken()).toContain('rotated');
    expect(asked).toEqual(['refresh-two-0123456789']);
  });

  test('are stored by another store on the backend when the one that refreshed is closed', async () => {
    const { create, faults, isStored, clock } = setUp();
    const [first, second] = [create(), create()];
    await first.entry().set(expiredTokens('one', clock.now()));
    faults.isBroken = true;
    await rejectionOf(first.entry().refresh());
    expect((await second.entry().get())?.access_token).toContain('rotated');
    expect(second.health.value.status).toBe('failed');
    await first.close();
    faults.isBroken = false;
    await clock.advance(130_000);
    expect(isStored('refresh-rotated')).toBe(true);
    expect(second.health.value.status).toBe('ok');
  });

  test('are stored by a store that came later', async () => {
    const { create, faults, isStored, clock } = setUp();
    const first = create();
    await first.entry().set(expiredTokens('one', clock.now()));
    faults.isBroken = true;
    await rejectionOf(first.entry().refresh());
    await first.close();
    faults.isBroken = false;
    const second = create();
    expect((await second.entry().get())?.access_token).toContain('rotated');
    await clock.advance(130_000);
    expect(isStored('refresh-rotated')).toBe(true);
  });

  test('are stored by the end of the last store, though it never read them', async () => {
    const { create, faults, isStored, clock } = setUp();
    const [first, last] = [create(), create()];
    await first.entry().set(expiredTokens('one', clock.now()));
    faults.isBroken = true;
    await rejectionOf(first.entry().refresh());
    await first.close();
    faults.isBroken = false;
    await last.close();
    expect(isStored('refresh-rotated')).toBe(true);
  });

  test('are waited for by close() while they are written', async () => {
    const { create, faults, isStored, clock } = setUp();
    const store = create();
    await store.entry().set(expiredTokens('one', clock.now()));
    faults.isBroken = true;
    await rejectionOf(store.entry().refresh());
    faults.isBroken = false;
    const gate = deferred();
    faults.gate = gate.promise;
    await clock.advance(130_000);
    const closed = store.close().then(() => isStored('refresh-rotated'));
    await turns();
    gate.resolve();
    expect(await closed).toBe(true);
  });

  test('keep health at "failed" until those of every key are stored', async () => {
    const inner = bareBackend();
    const broken = new Set<string>();
    const clock = fakeClock();
    const store = createCredentialStore({
      clock,
      onError: () => {},
      refresh: async (_, { key }) => tokens(`rotated-${key}`, clock.now()),
      storage: {
        ...inner,
        compareAndSet(key, expected, next) {
          if (broken.has(key)) throw new Error('disk full');
          return inner.compareAndSet(key, expected, next);
        },
      },
    });
    for (const key of ['x', 'y']) {
      await store.entry(key).set(expiredTokens('old', clock.now()));
      broken.add(`shelflife:${key}`);
      await rejectionOf(store.entry(key).refresh());
    }
    broken.delete('shelflife:x');
    await store.entry('x').update((current) => ({ ...current, more: 1 }));
    expect(store.health.value.status).toBe('failed');
    broken.clear();
    await clock.advance(130_000);
    expect(store.health.value.status).toBe('ok');
    expect(
      (
        await createCredentialStore({ storage: { ...inner } })
          .entry('y')
          .get()
      )?.access_token,
    ).toContain('rotated-y');
  });

  test('arm nothing in a store that is closed', async () => {
    const inner = bareBackend();
    const gate = deferred();
    let subscriptions = 0;
    let timers = 0;
    const counting = fakeClock();
    let isBroken = false;
    const store = createCredentialStore({
      timeout: 30,
      onError: () => {},
      clock: {
        now: () => counting.now(),
        setTimeout: (run, milliseconds) => {
          timers += 1;
          return counting.setTimeout(run, milliseconds);
        },
        clearTimeout: (handle) => counting.clearTimeout(handle),
      },
      refresh: async () => {
        await gate.promise;
        return tokens('rotated', counting.now());
      },
      storage: {
        ...inner,
        subscribe: () => {
          subscriptions += 1;
          return () => {};
        },
        compareAndSet(key, expected, next) {
          if (isBroken) throw new Error('disk full');
          return inner.compareAndSet(key, expected, next);
        },
      },
    });
    await store.entry().set(expiredTokens('one', counting.now()));
    isBroken = true;
    const refreshed = rejectionOf(store.entry().refresh());
    await store.close();
    expect((await refreshed).name).toBe('ClosedError');
    gate.resolve();
    await turns();
    expect([timers, subscriptions]).toEqual([0, 0]);
  });

  test.each(['at once', 'later'])(
    'of an answer that came late is tried again, in a storage that answers %s',
    async (when) => {
      const inner = bareBackend();
      const clock = fakeClock();
      const gate = deferred();
      let failures = 0;
      const change = (key: string, expected: string | undefined, next: string | undefined): boolean => {
        if (failures-- > 0) throw new Error('disk full');
        return inner.compareAndSet(key, expected, next) as boolean;
      };
      const storage: StorageBackend = {
        ...inner,
        ...(when === 'later' && { get: async (key) => inner.get(key) }),
        compareAndSet: when === 'later' ? async (...change_) => change(...change_) : change,
      };
      const entry = createCredentialStore({
        storage,
        clock,
        refreshTimeout: 20,
        onError: () => {},
        refresh: async () => {
          await gate.promise;
          return tokens('late', clock.now());
        },
      }).entry();
      await entry.set(expiredTokens('one', clock.now()));
      failures = 1;
      expect((await rejectionOf(entry.refresh())).name).toBe('TimeoutError');
      gate.resolve();
      await turns();
      expect(onlyText(inner.values)).not.toContain('late');
      await clock.advance(130_000);
      expect(onlyText(inner.values)).toContain('refresh-late');
    },
  );
});

function onlyText(values: ReadonlyMap<string, string>): string {
  return [...values.values()].join();
}
