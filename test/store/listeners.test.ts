/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import { describe, expect, test, vi } from 'vitest';
import {
  createCredentialStore,
  isShelflifeError,
  memoryBackend,
  type CredentialEntry,
  type CredentialStore,
  type ShelflifeError,
} from '../../src/index.js';
import { fakeClock } from '../../src/testing/index.js';
import {
  answeringLater,
  expiredTokens,
  leasedBackend,
  sameStorage,
  tokens,
  turns,
  waitFor,
} from './support.js';

const calls: Record<
  string,
  (entry: CredentialEntry, store: CredentialStore, now: () => number) => Promise<unknown>
> = {
  get: (entry) => entry.get(),
  set: (entry, _, now) => entry.set(tokens('set', now())),
  update: (entry) => entry.update((current) => current && { ...current, touched: true }),
  delete: (entry) => entry.delete(),
  invalidate: (entry) => entry.invalidate(),
  refresh: (entry) => entry.refresh(),
  getAccessToken: (entry) => entry.getAccessToken(),
  until: (entry) => entry.until(['fresh', 'absent', 'queued', 'expired', 'expiring']),
  keys: (_, store) => store.keys(),
  clear: (_, store) => store.clear(),
  close: (_, store) => store.close(),
};

describe('a listener may call any method of the store', () => {
  for (const [name, call] of Object.entries(calls)) {
    for (const [how, inner] of [
      ['at once', () => leasedBackend()],
      ['later', () => answeringLater(leasedBackend())],
    ] as const) {
      test(`${name}, and wait for it, on a storage that answers ${how}`, async () => {
        const clock = fakeClock();
        const store = createCredentialStore({
          storage: inner(),
          clock,
          timeout: 2000,
          refresh: async () => {
            await turns(1);
            return tokens('refreshed', clock.now());
          },
        });
        const entry = store.entry();
        await entry.set(expiredTokens('one', clock.now()));
        const outcomes: string[] = [];
        let started = 0;
        const listener = async (): Promise<void> => {
          if (started >= 12) return;
          started += 1;
          await call(entry, store, () => clock.now()).catch((error: unknown) => {
            if (!isShelflifeError(error)) throw error;
          });
          outcomes.push(name);
        };
        entry.expiry.subscribe(() => void listener());
        entry.credentials.subscribe(() => void listener());
        await entry.invalidate().catch(() => {});
        await entry.refresh().catch(() => {});
        await entry.delete().catch(() => {});
        await waitFor(() => outcomes.length === started, `${name} of every listener`);
        expect(started).toBeGreaterThan(1);
        await store.close();
      });
    }
  }
});

describe('no listener is called while the lease is held', () => {
  /** A backend whose lease says when it is held, with everything a listener can be. */
  const watched = () => {
    const inner = leasedBackend();
    const state = { held: 0, calledWhileHeld: [] as string[], fails: false };
    const storage = sameStorage(inner, {
      async lease(key, options) {
        const lease = await inner.lease!(key, options);
        state.held += 1;
        return {
          signal: lease.signal,
          release: async () => {
            await turns(2);
            state.held -= 1;
            await lease.release();
          },
        };
      },
      compareAndSet: (key, expected, next) => {
        if (state.fails) throw new Error('disk full');
        return inner.compareAndSet(key, expected, next);
      },
    });
    const heard = (who: string) => (): void => {
      if (state.held) state.calledWhileHeld.push(who);
    };
    const observe = (store: CredentialStore): void => {
      const entry = store.entry();
      entry.expiry.subscribe(heard('expiry'));
      entry.credentials.subscribe(heard('credentials'));
      entry.timeLeft().subscribe(heard('timeLeft'));
      store.health.subscribe(heard('health'));
      entry.expirySignal().addEventListener('abort', heard('expirySignal'));
    };
    return { inner, storage, state, heard, observe };
  };

  test('not by a refresh that succeeds', async () => {
    const { storage, state, observe } = watched();
    const clock = fakeClock();
    const options = { storage, clock, refresh: async () => tokens('two', clock.now()) };
    const [one, two] = [createCredentialStore(options), createCredentialStore(options)];
    await one.entry().set(tokens('one', clock.now()));
    observe(one);
    observe(two);
    await one.entry().refresh();
    await turns();
    expect(state.calledWhileHeld).toEqual([]);
  });

  test('not by a refresh that adopts', async () => {
    const { inner, storage, state, observe } = watched();
    const clock = fakeClock();
    const other = createCredentialStore({ storage: sameStorage(inner), clock }).entry();
    const store = createCredentialStore({
      storage,
      clock,
      autoRefresh: false,
      refresh: async () => {
        throw new Error('never asked');
      },
    });
    await store.entry().set(expiredTokens('one', clock.now()));
    observe(store);
    await other.set(tokens('two', clock.now()));
    await store.entry().refresh();
    expect(state.calledWhileHeld).toEqual([]);
  });

  for (const [title, failure] of [
    ['fails', () => new Error('503')],
    ['is rejected', () => Object.assign(new Error('no'), { error: 'invalid_grant' })],
  ] as const) {
    test(`not by a refresh that ${title}`, async () => {
      const { storage, state, observe } = watched();
      const clock = fakeClock();
      const store = createCredentialStore({ storage, clock, refresh: () => Promise.reject(failure()) });
      await store.entry().set(tokens('one', clock.now()));
      observe(store);
      await store
        .entry()
        .refresh()
        .catch(() => {});
      await turns();
      expect(state.calledWhileHeld).toEqual([]);
    });
  }

  test('not by a commit that fails: health is told afterwards', async () => {
    const { storage, state, observe } = watched();
    const clock = fakeClock();
    const store = createCredentialStore({
      storage,
      clock,
      refresh: async () => {
        state.fails = true;
        return tokens('two', clock.now());
      },
    });
    await store.entry().set(tokens('one', clock.now()));
    observe(store);
    await store
      .entry()
      .refresh()
      .catch(() => {});
    await turns();
    expect(state.calledWhileHeld).toEqual([]);
  });

  test('not `onError` by an answer with an odd lifetime', async () => {
    const { storage, state, heard } = watched();
    const clock = fakeClock();
    let told = 0;
    const store = createCredentialStore({
      storage,
      clock,
      refresh: async () => ({ access_token: 'access-two-0123456789', expires_in: 'soon' }),
      onError: () => {
        told += 1;
        heard('onError')();
      },
    });
    await store.entry().set(tokens('one', clock.now()));
    await store.entry().refresh();
    await turns();
    expect(told).toBe(1);
    expect(state.calledWhileHeld).toEqual([]);
  });

  test('not `onError` by a rejection that could not be remembered', async () => {
    const { storage, state, heard } = watched();
    const clock = fakeClock();
    let told = 0;
    const store = createCredentialStore({
      storage,
      clock,
      refresh: async () => {
        state.fails = true;
        throw Object.assign(new Error('no'), { error: 'invalid_grant' });
      },
      onError: () => {
        told += 1;
        heard('onError')();
      },
    });
    await store.entry().set(tokens('one', clock.now()));
    await store
      .entry()
      .refresh()
      .catch(() => {});
    await turns();
    expect(told).toBe(1);
    expect(state.calledWhileHeld).toEqual([]);
  });
});

describe('a listener that throws', () => {
  test('hurts nobody else: the others hear everything, the write succeeds', async () => {
    const errors: ShelflifeError[] = [];
    const entry = createCredentialStore({
      storage: memoryBackend(),
      onError: (error) => errors.push(error),
    }).entry();
    const seen: string[] = [];
    entry.expiry.subscribe(() => {
      throw new Error('first');
    });
    entry.expiry.subscribe(({ status }) => seen.push(status));
    entry.credentials.subscribe(() => {
      throw new Error('second');
    });
    await entry.set({ access_token: 'a', expires_in: null });
    expect(seen).toEqual(['absent', 'fresh']);
    expect(errors).toHaveLength(4);
    expect(errors.every(isShelflifeError)).toBe(true);
  });

  test('a throwing `onError` ends on the console, not as an uncaught exception', async () => {
    const spy = vi.spyOn(console, 'error').mockImplementation(() => {});
    try {
      const entry = createCredentialStore({
        storage: memoryBackend(),
        onError: () => {
          throw new Error('onError is broken');
        },
      }).entry();
      entry.expiry.subscribe(() => {
        throw new Error('listener is broken');
      });
      await entry.set({ access_token: 'a' });
      await turns();
      expect(spy).toHaveBeenCalled();
    } finally {
      spy.mockRestore();
    }
  });

  test('a throwing `onError` does not cost a rotated refresh token', async () => {
    const spy = vi.spyOn(console, 'error').mockImplementation(() => {});
    try {
      const clock = fakeClock();
      const entry = createCredentialStore({
        storage: memoryBackend(),
        clock,
        refresh: async () => ({ access_token: 'a2', refresh_token: 'r2', expires_in: 'soon' }),
        onError: () => {
          throw new Error('onError is broken');
        },
      }).entry();
      await entry.set(expiredTokens('one', clock.now()));
      await entry.refresh();
      expect(await entry.get()).toMatchObject({ access_token: 'a2', refresh_token: 'r2' });
    } finally {
      spy.mockRestore();
    }
  });
});

describe('notifications', () => {
  test('each transition once, in order, with all signals of the entry already current', async () => {
    const clock = fakeClock();
    const entry = createCredentialStore({ storage: memoryBackend(), clock, leeway: 60 }).entry();
    const seen: [string, string | undefined, number | null][] = [];
    entry.expiry.subscribe(({ status }) =>
      seen.push([status, entry.credentials.value?.access_token, entry.timeLeft().value]),
    );
    await entry.set({ access_token: 'a', issued_at: new Date(clock.now()), expires_in: 3600 });
    await clock.advance(3_600_000);
    await entry.delete();
    expect(seen).toEqual([
      ['absent', undefined, null],
      ['fresh', 'a', 3600],
      ['expiring', 'a', 60],
      ['expired', 'a', 0],
      ['absent', undefined, null],
    ]);
  });

  test('a write that changes no member of a signal is not told to its listeners', async () => {
    const clock = fakeClock();
    const entry = createCredentialStore({ storage: memoryBackend(), clock }).entry();
    await entry.set(tokens('one', clock.now()));
    let told = -2;
    entry.credentials.subscribe(() => (told += 1));
    entry.expiry.subscribe(() => (told += 1));
    const before = [entry.credentials.value, entry.expiry.value];
    await entry.set(tokens('one', clock.now()));
    expect(told).toBe(0);
    expect(entry.credentials.value).toBe(before[0]);
    expect(entry.expiry.value).toBe(before[1]);
  });

  test('hints of the backend without a change tell nothing; doubled ones neither', async () => {
    const inner = leasedBackend();
    let hint: (key: string | undefined) => void = () => {};
    const clock = fakeClock();
    const store = createCredentialStore({
      storage: sameStorage(inner, {
        subscribe: (listener) => {
          hint = listener;
          return () => {};
        },
      }),
      clock,
    });
    const other = createCredentialStore({ storage: sameStorage(inner), clock }).entry();
    await other.set(tokens('one', clock.now()));
    const seen: unknown[] = [];
    store.entry().credentials.subscribe((value) => seen.push(value?.access_token));
    const key = [...inner.values.keys()][0]!;
    for (let index = 0; index < 20; index += 1) hint(index % 2 ? key : undefined);
    await other.set(tokens('two', clock.now()));
    hint('another key');
    expect(seen).toEqual(['access-one-0123456789']);
    hint(key);
    hint(key);
    await turns();
    expect(seen).toEqual(['access-one-0123456789', 'access-two-0123456789']);
  });
});
