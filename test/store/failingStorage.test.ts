/* oxlint-disable typescript/no-unsafe-type-assertion -- what types forbid is handed in here */
/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import { describe, expect, test } from 'vitest';
import {
  createCredentialStore,
  isShelflifeError,
  memoryBackend,
  StorageQuotaError,
  StorageUnavailableError,
  TimeoutError,
  type Health,
  type ShelflifeError,
  type StorageBackend,
} from '../../src/index.js';
import { fakeClock } from '../../src/testing/index.js';
import { answeringLater, bareBackend, rejectionOf, sameStorage, tokens, turns, waitFor } from './support.js';

const timeout = 30;

const never = (): Promise<never> => new Promise<never>(() => {});
const throwing =
  (make: () => unknown): (() => never) =>
  () => {
    throw make();
  };
const rejecting = (make: () => unknown) => (): Promise<never> => Promise.reject(make());

const reasons: Record<string, () => unknown> = {
  'an Error': () => new Error('disk on fire'),
  'a SecurityError': () => new DOMException('The operation is insecure.', 'SecurityError'),
  'an Error with a code': () => Object.assign(new Error('permission denied'), { code: 'EACCES' }),
  undefined: () => undefined,
  null: () => null,
  'a string': () => 'nope',
  'an AbortError': () => new DOMException('aborted', 'AbortError'),
};
const quotaReasons: Record<string, () => unknown> = {
  QuotaExceededError: () => new DOMException('full', 'QuotaExceededError'),
  NS_ERROR_DOM_QUOTA_REACHED: () => Object.assign(new Error('full'), { name: 'NS_ERROR_DOM_QUOTA_REACHED' }),
  ENOSPC: () => Object.assign(new Error('no space left on device'), { code: 'ENOSPC' }),
  EDQUOT: () => Object.assign(new Error('quota exceeded'), { code: 'EDQUOT' }),
};

const open = (changes: Partial<StorageBackend>, inner: StorageBackend = bareBackend()) =>
  createCredentialStore({ storage: { ...inner, name: 'flaky', ...changes }, timeout });

describe('a read that fails', () => {
  for (const [title, reason] of Object.entries(reasons)) {
    for (const [how, fail] of [
      ['thrown', throwing],
      ['rejected with', rejecting],
    ] as const) {
      test(`${how} ${title}: a typed error in every call, never "absent"`, async () => {
        const store = open({ get: fail(reason), keys: fail(reason) });
        const entry = store.entry('k');
        for (const call of [
          () => entry.get(),
          () => entry.set({ access_token: 'a' }),
          () => entry.update(() => ({ access_token: 'a' })),
          () => entry.delete(),
          () => entry.invalidate(),
          () => entry.getAccessToken(),
        ]) {
          const error = await rejectionOf(call());
          expect(error).toBeInstanceOf(StorageUnavailableError);
          expect(error).toMatchObject({
            code: 'ERR_STORAGE_UNAVAILABLE',
            key: 'k',
            backend: 'flaky',
            retryable: true,
          });
        }
        expect(await rejectionOf(store.keys())).toBeInstanceOf(StorageUnavailableError);
        expect(await rejectionOf(store.clear())).toBeInstanceOf(StorageUnavailableError);
        expect(entry.expiry.value.status).toBe('loading');
        await turns();
        expect(entry.expiry.value.error).toBeInstanceOf(StorageUnavailableError);
        expect(entry.credentials.value).toBeUndefined();
        expect(store.health.value).toMatchObject({ status: 'failed', backend: 'flaky' });
      });
    }
  }

  test('later keeps the last known record and sets `error`; the next success takes it away', async () => {
    const inner = bareBackend();
    let fails = false;
    const clock = fakeClock();
    const store = createCredentialStore({
      storage: {
        ...inner,
        get: (key) => {
          if (fails) throw new Error('gone');
          return inner.get(key);
        },
      },
      clock,
    });
    const entry = store.entry();
    await entry.set(tokens('one', clock.now()));
    const seen: [string, string | undefined][] = [];
    entry.expiry.subscribe(({ status, error }) => seen.push([status, error?.name]));
    fails = true;
    await rejectionOf(entry.get());
    expect(entry.credentials.value?.access_token).toBe('access-one-0123456789');
    fails = false;
    await entry.get();
    expect(seen).toEqual([
      ['fresh', undefined],
      ['fresh', 'StorageUnavailableError'],
      ['fresh', undefined],
    ]);
  });

  test('with a known record still goes by the clock: an expired token is never given out', async () => {
    const inner = bareBackend();
    let fails = false;
    const clock = fakeClock();
    const entry = createCredentialStore({
      storage: { ...inner, get: (key) => (fails ? Promise.reject(new Error('gone')) : inner.get(key)) },
      clock,
    }).entry();
    await entry.set(tokens('one', clock.now()));
    entry.expiry.subscribe(() => {});
    fails = true;
    await clock.advance(3_600_000);
    expect(entry.expiry.value.status).toBe('expired');
    await rejectionOf(entry.getAccessToken());
  });
});

describe('a write that fails', () => {
  for (const [title, reason] of Object.entries(reasons)) {
    test(`with ${title}: typed, and what was stored stays`, async () => {
      for (const fail of [throwing, rejecting]) {
        const inner = bareBackend();
        await createCredentialStore({ storage: sameStorage(inner) })
          .entry()
          .set({ access_token: 'kept' });
        const store = open({ compareAndSet: fail(reason) }, inner);
        const entry = store.entry();
        for (const call of [
          () => entry.set({ access_token: 'a' }),
          () => entry.update(() => ({ access_token: 'a' })),
          () => entry.delete(),
          () => entry.invalidate(),
          () => store.clear(),
        ]) {
          expect(await rejectionOf(call())).toBeInstanceOf(StorageUnavailableError);
          expect(store.health.value.status).toBe('failed');
          expect(store.health.value.error).toBeInstanceOf(StorageUnavailableError);
        }
        expect(await entry.get()).toEqual({ access_token: 'kept' });
        expect(entry.credentials.value).toEqual({ access_token: 'kept' });
      }
    });
  }

  for (const [title, reason] of Object.entries(quotaReasons)) {
    test(`with ${title}: a StorageQuotaError`, async () => {
      const entry = open({ compareAndSet: throwing(reason) }).entry();
      const error = await rejectionOf(entry.set({ access_token: 'a' }));
      expect(error).toBeInstanceOf(StorageQuotaError);
      expect(error).toMatchObject({ code: 'ERR_STORAGE_QUOTA', key: 'default', backend: 'flaky' });
    });
  }

  test('publishes nothing', async () => {
    const entry = open({ compareAndSet: rejecting(() => new Error('no')) }).entry();
    const seen: unknown[] = [];
    entry.credentials.subscribe((credentials) => seen.push(credentials));
    await rejectionOf(entry.set({ access_token: 'a' }));
    await turns();
    expect(seen).toEqual([undefined]);
  });
});

describe('a storage that never answers', () => {
  const stuck: Partial<StorageBackend>[] = [
    { get: never, compareAndSet: never, keys: never },
    { compareAndSet: never },
    { keys: () => ({ [Symbol.asyncIterator]: () => ({ next: never }) }) },
  ];
  test('get, set, update, delete, invalidate, getAccessToken, keys and clear end with a TimeoutError in time', async () => {
    const store = open(stuck[0]!);
    const entry = store.entry('k');
    const started = performance.now();
    const errors = await Promise.all(
      [
        entry.get(),
        entry.getAccessToken(),
        store.keys(),
        store.clear(),
        entry.set({ access_token: 'a' }),
        store.entry('b').update(() => ({ access_token: 'a' })),
        store.entry('c').delete(),
        store.entry('d').invalidate(),
      ].map((call) => rejectionOf(call)),
    );
    for (const error of errors) {
      expect(error).toBeInstanceOf(TimeoutError);
      expect(error).toMatchObject({ code: 'ERR_TIMEOUT', retryable: true, backend: 'flaky' });
      expect(error.message).toContain('flaky');
    }
    expect(performance.now() - started).toBeGreaterThanOrEqual(timeout - 5);
    expect(performance.now() - started).toBeLessThan(1000);
    expect(entry.expiry.value.status).toBe('loading');
    expect(store.health.value.status).toBe('failed');
  });

  test('a write that never ends is a TimeoutError', async () => {
    expect(await rejectionOf(open(stuck[1]!).entry().set({ access_token: 'a' }))).toBeInstanceOf(
      TimeoutError,
    );
  });

  test('a write that never ends holds up those behind it no longer than itself', async () => {
    let hangs = false;
    const inner = bareBackend();
    const entry = createCredentialStore({
      timeout: 100,
      storage: {
        ...inner,
        compareAndSet: (...change) => (hangs ? new Promise(() => {}) : inner.compareAndSet(...change)),
      },
    }).entry();
    hangs = true;
    const started = performance.now();
    const errors = await Promise.all(
      Array.from({ length: 20 }, () => rejectionOf(entry.set({ access_token: 'a' }))),
    );
    expect(new Set(errors.map(({ name }) => name))).toEqual(new Set(['TimeoutError']));
    expect(performance.now() - started).toBeLessThan(1500);
    hangs = false;
    await entry.set({ access_token: 'b' });
    expect((await entry.get())?.access_token).toBe('b');
  });

  test('a list of keys that never ends is a TimeoutError', async () => {
    expect(await rejectionOf(open(stuck[2]!).keys())).toBeInstanceOf(TimeoutError);
  });

  test('a quarantine that never ends is a TimeoutError, and the damaged text stays', async () => {
    const inner = bareBackend();
    const store = open({ quarantine: never }, inner);
    await store.entry().set({ access_token: 'a' });
    const key = [...inner.values.keys()][0]!;
    inner.values.set(key, 'garbage');
    expect(await rejectionOf(store.entry().set({ access_token: 'b' }))).toBeInstanceOf(TimeoutError);
    expect(inner.values.get(key)).toBe('garbage');
  });

  test('the wait is measured by the host, not by the `clock`', async () => {
    const clock = fakeClock();
    const entry = createCredentialStore({
      storage: { ...bareBackend(), get: never },
      timeout: 1000,
      clock,
    }).entry();
    let settled = false;
    const read = rejectionOf(entry.get());
    void read.then(() => (settled = true));
    await clock.advance(60_000);
    expect(settled).toBe(false);
    expect(await read).toBeInstanceOf(TimeoutError);
  });

  test('closing does not wait for it longer than the timeout', async () => {
    const store = open({ ...stuck[0]!, close: never });
    const pending = rejectionOf(store.entry().set({ access_token: 'a' }));
    store.entry().expiry.subscribe(() => {});
    const started = performance.now();
    await store.close().catch((error: ShelflifeError) => expect(error.name).toBe('TimeoutError'));
    expect(performance.now() - started).toBeLessThan(1000);
    expect((await pending).name).toMatch(/^(ClosedError|TimeoutError)$/);
  });

  test('a late answer changes nothing for the worse: the later read counts', async () => {
    const inner = bareBackend();
    const other = createCredentialStore({ storage: sameStorage(inner) }).entry();
    await other.set({ access_token: 'old', expires_in: null });
    let answer: (() => void) | undefined;
    let isLate = true;
    const entry = open(
      {
        get: (key) => {
          const value = inner.values.get(key);
          if (!isLate) return value;
          return new Promise((resolve) => (answer = () => resolve(value)));
        },
      },
      inner,
    ).entry();
    await rejectionOf(entry.get());
    isLate = false;
    await other.set({ access_token: 'new', expires_in: null });
    expect((await entry.get())?.access_token).toBe('new');
    answer!();
    await turns();
    expect(entry.credentials.value?.access_token).toBe('new');
  });

  test('a write that was reported late but happened is published by the next read', async () => {
    const inner = bareBackend();
    let finish: (() => void) | undefined;
    const entry = open(
      {
        compareAndSet: (key, expected, next) =>
          new Promise((resolve) => {
            finish = () => resolve(inner.compareAndSet(key, expected, next));
          }),
      },
      inner,
    ).entry();
    entry.expiry.subscribe(() => {});
    expect(await rejectionOf(entry.set({ access_token: 'a', expires_in: null }))).toBeInstanceOf(
      TimeoutError,
    );
    finish!();
    await turns();
    expect((await entry.get())?.access_token).toBe('a');
    expect(entry.expiry.value.status).toBe('fresh');
  });
});

describe('a storage that answers with nonsense', () => {
  test('a stub without working methods gives typed errors', async () => {
    const stub = {
      name: 'stub',
      scope: 'context',
      persistent: false,
      get: () => {
        throw new TypeError('localStorage.getItem is not a function');
      },
      compareAndSet: throwing(() => new TypeError('localStorage.setItem is not a function')),
      keys: throwing(() => new TypeError('localStorage.key is not a function')),
    } satisfies StorageBackend;
    const store = createCredentialStore({ storage: stub });
    for (const call of [
      () => store.entry().get(),
      () => store.entry().set({ access_token: 'a' }),
      () => store.keys(),
    ])
      expect(await rejectionOf(call())).toBeInstanceOf(StorageUnavailableError);
  });

  test('a list of keys that is none is a typed error', async () => {
    for (const keys of [undefined, null, 42, {}]) {
      const error = await rejectionOf(open({ keys: () => keys as never }).keys());
      expect(error).toBeInstanceOf(StorageUnavailableError);
    }
  });

  test('a value that is no string is damage, not a crash', async () => {
    for (const value of [null, 42, {}, new Uint8Array(3)]) {
      const error = await rejectionOf(
        open({ get: () => value as never })
          .entry()
          .get(),
      );
      expect(isShelflifeError(error)).toBe(true);
    }
  });

  test('a foreign thenable is waited for', async () => {
    const inner = bareBackend();
    const entry = open(
      {
        get: (key) =>
          ({
            // oxlint-disable-next-line unicorn/no-thenable -- a promise of another library is what is tested
            then: (resolve: (value: unknown) => void) => resolve(inner.values.get(key)),
          }) as unknown as Promise<string>,
      },
      inner,
    ).entry();
    await entry.set({ access_token: 'a' });
    expect(await entry.get()).toEqual({ access_token: 'a' });
  });

  test('a subscribe that throws does not break observing', async () => {
    const errors: ShelflifeError[] = [];
    const store = createCredentialStore({
      storage: { ...bareBackend(), subscribe: throwing(() => new Error('no events here')) },
      onError: (error) => errors.push(error),
    });
    const entry = store.entry();
    await entry.set({ access_token: 'a', expires_in: null });
    const seen: string[] = [];
    entry.expiry.subscribe(({ status }) => seen.push(status));
    await entry.delete();
    expect(seen).toEqual(['fresh', 'absent']);
    expect(errors.length).toBeGreaterThan(0);
    expect(errors.every(isShelflifeError)).toBe(true);
  });
});

describe('health', () => {
  const flaky = (inner: StorageBackend = memoryBackend()) => {
    const state = { fails: false };
    const check = (): void => {
      if (state.fails) throw new Error('down');
    };
    const storage: StorageBackend = {
      ...inner,
      name: 'flaky',
      get: (key) => {
        check();
        return inner.get(key);
      },
      compareAndSet: (key, expected, next) => {
        check();
        return inner.compareAndSet(key, expected, next);
      },
    };
    return { state, store: createCredentialStore({ storage }) };
  };

  test('is `ok` from the start, and never reads storage', () => {
    const { store, state } = flaky();
    state.fails = true;
    expect(store.health.value).toEqual({
      status: 'ok',
      persistent: false,
      backend: 'flaky',
      error: undefined,
    });
    expect(store.health.value).toBe(store.health.value);
    expect(store.health.getSnapshot()).toBe(store.health.getSnapshot());
  });

  test('fails with a failed call and is restored by the next success, each told once', async () => {
    const { store, state } = flaky();
    const seen: Health[] = [];
    store.health.subscribe((health) => seen.push(health));
    await store.entry().set({ access_token: 'a' });
    state.fails = true;
    await rejectionOf(store.entry().get());
    state.fails = false;
    await store.entry().get();
    await store.entry().get();
    expect(seen.map(({ status }) => status)).toEqual(['ok', 'failed', 'ok']);
    expect(seen[1]!.error).toBeInstanceOf(StorageUnavailableError);
    expect(seen[2]!.error).toBeUndefined();
  });

  test('says whether what is written persists, also where that changes', () => {
    let persistent = true;
    const store = createCredentialStore({
      storage: {
        ...memoryBackend(),
        get persistent() {
          return persistent;
        },
      },
    });
    expect(store.health.value.persistent).toBe(true);
    persistent = false;
    expect(store.health.value.persistent).toBe(false);
  });

  test('is `degraded` for a persistent storage without a lease', () => {
    expect(
      createCredentialStore({ storage: { ...bareBackend(), persistent: true } }).health.value.status,
    ).toBe('degraded');
    expect(
      createCredentialStore({ storage: { ...memoryBackend(), persistent: true } }).health.value.status,
    ).toBe('ok');
  });

  test('completes when the store closes', async () => {
    const { store } = flaky();
    let completed = 0;
    store.health.subscribe({ complete: () => (completed += 1) });
    await store.close();
    expect(completed).toBe(1);
  });

  test('a listener of it may call any method of the store', async () => {
    const { store, state } = flaky();
    const done: Promise<unknown>[] = [];
    store.health.subscribe(({ status }) => {
      if (status !== 'failed') return;
      state.fails = false;
      done.push(store.entry().get(), store.entry().set({ access_token: 'b' }), store.keys());
    });
    state.fails = true;
    await rejectionOf(store.entry().set({ access_token: 'a' }));
    await waitFor(() => done.length > 0);
    await Promise.all(done);
    expect(await store.entry().get()).toEqual({ access_token: 'b' });
  });
});

test('failures of background reads go to `onError`, typed, with the key', async () => {
  const errors: ShelflifeError[] = [];
  const store = createCredentialStore({
    storage: { ...answeringLater(bareBackend()), get: rejecting(() => new Error('down')) },
    onError: (error) => errors.push(error),
  });
  store.entry('k').expiry.subscribe(() => {});
  await waitFor(() => errors.length > 0);
  expect(errors[0]).toBeInstanceOf(StorageUnavailableError);
  expect(errors[0]).toMatchObject({ key: 'k' });
});

test('the same error object for two keys does not tell the wrong key', async () => {
  const shared = new StorageUnavailableError('the database is closed');
  const store = open({ get: rejecting(() => shared) });
  expect((await rejectionOf(store.entry('one').get())).key).toBe('one');
  expect((await rejectionOf(store.entry('two').get())).key).toBe('two');
});

test('a frozen error of a backend is no new failure', async () => {
  const store = open({ get: rejecting(() => Object.freeze(new StorageQuotaError('full'))) });
  expect(await rejectionOf(store.entry('one').get())).toBeInstanceOf(StorageQuotaError);
});

test('a frozen error of a user rejects as it is', async () => {
  const entry = createCredentialStore({ storage: memoryBackend() }).entry();
  const error = Object.freeze(new StorageUnavailableError('mine'));
  const call = entry.update(() => {
    throw error;
  });
  expect(await rejectionOf(call, 500)).toBe(error);
});

test('errors tell the key and the backend, whatever they are about', async () => {
  const store = createCredentialStore({ storage: memoryBackend(), refresh: async () => ({}) });
  const entry = store.entry('some');
  const about = { key: 'some', backend: 'memory' };
  expect(await rejectionOf(entry.set({ access_token: 5 } as never))).toMatchObject(about);
  expect(await rejectionOf(entry.getAccessToken())).toMatchObject({ name: 'NoCredentialsError', ...about });
  await entry.set({ access_token: 'a', refresh_token: null });
  expect(await rejectionOf(entry.update(() => ({ expires_in: -1 })))).toMatchObject(about);
  expect(await rejectionOf(entry.refresh())).toMatchObject({ name: 'RefreshRejectedError', ...about });
  const signal = entry.expirySignal();
  const pending = rejectionOf(entry.until('expired'));
  await store.close();
  expect(signal.reason).toMatchObject(about);
  expect(await pending).toMatchObject({ name: 'ClosedError', ...about });
});
