/* oxlint-disable typescript/no-unsafe-type-assertion -- what types forbid is handed in here */
/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import { describe, expect, test } from 'vitest';
import {
  createCredentialStore,
  memoryBackend,
  type Credentials,
  type StorageBackend,
} from '../../src/index.js';
import { fakeClock } from '../../src/testing/index.js';
import {
  answeringLater,
  bareBackend,
  deferred,
  expiredTokens,
  leasedBackend,
  rejectionOf,
  sameStorage,
  tokens,
  turns,
  waitFor,
} from '../store/support.js';
import { bench } from './support.js';

describe('single flight in a context', () => {
  test('calls that overlap share one request, whatever they are', async () => {
    const gate = deferred();
    const { entry, clock, asked } = bench(async () => {
      await gate.promise;
      return tokens('two', clock.now());
    });
    await entry.set(expiredTokens('one', clock.now()));
    const calls = [entry.refresh(), entry.getAccessToken(), entry.refresh(), entry.getAccessToken()];
    entry.expiry.subscribe(() => {});
    await turns();
    expect(entry.expiry.value.refreshing).toBe(true);
    gate.resolve();
    const [one, token, two] = await Promise.all(calls);
    expect(asked).toEqual(['refresh-one-0123456789']);
    expect(one).toEqual(two);
    expect((one as Credentials).access_token).toBe(token);
    expect(entry.expiry.value.refreshing).toBe(false);
  });

  test('holds across stores on one backend object', async () => {
    const clock = fakeClock();
    const storage = answeringLater(bareBackend());
    let requests = 0;
    const refresh = async () => {
      requests += 1;
      await turns(3);
      return tokens('two', clock.now());
    };
    const entries = [1, 2, 3].map(() => createCredentialStore({ storage, clock, refresh }).entry());
    await entries[0]!.set(expiredTokens('one', clock.now()));
    const got = await Promise.all(entries.map((entry) => entry.getAccessToken()));
    expect(new Set(got).size).toBe(1);
    expect(requests).toBe(1);
  });

  test('two keys, and two namespaces, refresh independently', async () => {
    const clock = fakeClock();
    const storage = memoryBackend();
    const open: string[] = [];
    const gate = deferred();
    const make = (namespace: string) =>
      createCredentialStore({
        storage,
        clock,
        namespace,
        refresh: async (_, { key }) => {
          open.push(`${namespace}/${key}`);
          await gate.promise;
          return tokens('two', clock.now());
        },
      });
    const entries = [make('n').entry('a'), make('n').entry('b'), make('m').entry('a')];
    for (const entry of entries) await entry.set(expiredTokens('one', clock.now()));
    const calls = entries.map((entry) => entry.refresh());
    await turns();
    expect(open.toSorted()).toEqual(['m/a', 'n/a', 'n/b']);
    gate.resolve();
    await Promise.all(calls);
  });

  test('a second call after the first ended is a second request', async () => {
    let count = 0;
    const { entry, clock, asked } = bench(async () => tokens(`n${(count += 1)}`, clock.now()));
    await entry.set(tokens('n0', clock.now()));
    await entry.refresh();
    await entry.refresh();
    expect(asked).toEqual(['refresh-n0-0123456789', 'refresh-n1-0123456789']);
  });

  test('the callback gets the key, a signal and frozen credentials', async () => {
    const seen: unknown[] = [];
    const { store, clock } = bench(async (credentials, { key, signal }) => {
      seen.push(key, signal.aborted, Object.isFrozen(credentials), credentials.issued_at instanceof Date);
      return tokens('two', clock.now());
    });
    await store.entry('k').set(tokens('one', clock.now()));
    await store.entry('k').refresh();
    expect(seen).toEqual(['k', false, true, true]);
  });
});

describe("a caller's signal", () => {
  test('detaches that caller only; the shared work goes on', async () => {
    const gate = deferred();
    const { entry, clock } = bench(async (_, { signal }) => {
      await gate.promise;
      expect(signal.aborted).toBe(false);
      return tokens('two', clock.now());
    });
    await entry.set(expiredTokens('one', clock.now()));
    const controller = new AbortController();
    const detached = rejectionOf(entry.refresh({ signal: controller.signal }));
    const tokenDetached = rejectionOf(entry.getAccessToken({ signal: controller.signal }));
    const waiting = entry.refresh();
    await turns();
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await detached).toBe(reason);
    expect(await tokenDetached).toBe(reason);
    gate.resolve();
    expect((await waiting).access_token).toBe('access-two-0123456789');
  });

  test('detaches the only caller too, and the answer is committed', async () => {
    const gate = deferred();
    const { entry, clock } = bench(async () => {
      await gate.promise;
      return tokens('two', clock.now());
    });
    await entry.set(expiredTokens('one', clock.now()));
    const controller = new AbortController();
    const detached = rejectionOf(entry.refresh({ signal: controller.signal }));
    await turns();
    controller.abort();
    expect((await detached).name).toBe('AbortError');
    gate.resolve();
    await turns();
    expect((await entry.get())?.access_token).toBe('access-two-0123456789');
  });

  test('aborted beforehand asks nothing', async () => {
    const { entry, clock, asked } = bench(async () => tokens('two', clock.now()));
    await entry.set(expiredTokens('one', clock.now()));
    const signal = AbortSignal.abort(new Error('before'));
    expect((await rejectionOf(entry.refresh({ signal }))).message).toBe('before');
    expect((await rejectionOf(entry.getAccessToken({ signal }))).message).toBe('before');
    expect((await rejectionOf(entry.until('fresh', { signal }))).message).toBe('before');
    await turns();
    expect(asked).toEqual([]);
  });

  test('of `until` ends the wait', async () => {
    const { entry } = bench(async () => ({ access_token: 'never' }));
    const controller = new AbortController();
    const waiting = rejectionOf(entry.until('fresh', { signal: controller.signal }));
    controller.abort(new Error('enough'));
    expect((await waiting).message).toBe('enough');
  });

  test('leaves no listener on a signal that lives long', async () => {
    const { entry, clock } = bench(async () => tokens('two', clock.now()));
    await entry.set(tokens('one', clock.now()));
    const { signal } = new AbortController();
    let listeners = 0;
    const addEventListener = signal.addEventListener.bind(signal);
    const removeEventListener = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...parameters: Parameters<AbortSignal['addEventListener']>) => {
      listeners += 1;
      addEventListener(...parameters);
    };
    signal.removeEventListener = (...parameters: Parameters<AbortSignal['removeEventListener']>) => {
      listeners -= 1;
      removeEventListener(...parameters);
    };
    for (let index = 0; index < 10; index += 1) await entry.getAccessToken({ signal });
    await entry.refresh({ signal });
    await turns();
    expect(listeners).toBe(0);
  });
});

describe('the lease', () => {
  const contexts = (count: number, storage: StorageBackend = leasedBackend()) => {
    const clock = fakeClock();
    const asked: unknown[] = [];
    let issued = 0;
    const entries = Array.from({ length: count }, () =>
      createCredentialStore({
        storage: sameStorage(storage),
        clock,
        refresh: async ({ refresh_token }) => {
          asked.push(refresh_token);
          await turns(2);
          return tokens(`issued${(issued += 1)}`, clock.now());
        },
      }).entry(),
    );
    return { clock, asked, entries, storage };
  };

  test('20 contexts with one expired token make one request, and all hold the same token', async () => {
    const { entries, clock, asked } = contexts(20);
    await entries[0]!.set(expiredTokens('one', clock.now()));
    const got = await Promise.all(entries.map((entry) => entry.getAccessToken()));
    expect(new Set(got)).toEqual(new Set(['access-issued1-0123456789']));
    expect(asked).toEqual(['refresh-one-0123456789']);
  });

  test('explicit refreshes of several contexts at once: one request, the others adopt', async () => {
    const { entries, clock, asked } = contexts(5);
    await entries[0]!.set(tokens('one', clock.now()));
    await Promise.all(entries.map((entry) => entry.get()));
    const got = await Promise.all(entries.map((entry) => entry.refresh()));
    expect(new Set(got.map(({ access_token }) => access_token)).size).toBe(1);
    expect(asked).toEqual(['refresh-one-0123456789']);
  });

  test('inside it the record is read again: changed and good is adopted', async () => {
    const { entries, clock, asked } = contexts(2);
    await entries[0]!.set(tokens('one', clock.now()));
    await entries[1]!.get();
    await entries[0]!.set(tokens('two', clock.now()));
    expect((await entries[1]!.refresh()).access_token).toBe('access-two-0123456789');
    expect(asked).toEqual([]);
  });

  test('changed and expired is refreshed with the new refresh token', async () => {
    const { entries, clock, asked } = contexts(2);
    await entries[0]!.set(expiredTokens('one', clock.now()));
    await entries[1]!.get();
    await entries[0]!.set(expiredTokens('two', clock.now()));
    await entries[1]!.refresh();
    expect(asked).toEqual(['refresh-two-0123456789']);
  });

  test('unchanged is refreshed', async () => {
    const { entries, clock, asked } = contexts(2);
    await entries[0]!.set(tokens('one', clock.now()));
    await entries[1]!.refresh();
    expect(asked).toEqual(['refresh-one-0123456789']);
  });

  test('gone is NoCredentialsError, and nothing is asked', async () => {
    const { entries, clock, asked } = contexts(2);
    await entries[0]!.set(expiredTokens('one', clock.now()));
    await entries[1]!.get();
    await entries[0]!.delete();
    expect((await rejectionOf(entries[1]!.refresh())).name).toBe('NoCredentialsError');
    expect((await rejectionOf(entries[1]!.getAccessToken())).name).toBe('NoCredentialsError');
    expect(asked).toEqual([]);
  });

  test('a scope that changed meanwhile, tokens the same, is no reason to adopt', async () => {
    const { entries, clock, asked } = contexts(2);
    await entries[0]!.set(tokens('one', clock.now()));
    await entries[1]!.get();
    await entries[0]!.update((current) => ({ ...current, scope: 's' }));
    const got = await entries[1]!.refresh();
    expect(got).toMatchObject({ scope: 's', access_token: 'access-issued1-0123456789' });
    expect(asked).toHaveLength(1);
  });

  test('is given back after every outcome', async () => {
    const clock = fakeClock();
    const inner = leasedBackend();
    let held = 0;
    const outcomes = [
      async () => tokens('two', clock.now()),
      () => Promise.reject(new Error('503')),
      () => Promise.reject(Object.assign(new Error('no'), { error: 'invalid_grant' })),
      () => {
        throw new Error('at once');
      },
      async () => ({}),
      async () => undefined as never,
    ];
    for (const refresh of outcomes) {
      const entry = createCredentialStore({
        storage: sameStorage(inner, {
          async lease(key, options) {
            const lease = await inner.lease!(key, options);
            held += 1;
            return {
              ...lease,
              signal: lease.signal,
              release: () => {
                held -= 1;
                return lease.release();
              },
            };
          },
        }),
        clock,
        refresh,
      }).entry();
      await entry.set(expiredTokens('one', clock.now()));
      await entry.refresh().catch(() => {});
      expect(held).toBe(0);
    }
  });

  test('that is not granted fails closed: TimeoutError, retryable, and no request', async () => {
    const inner = leasedBackend();
    const clock = fakeClock();
    const { entry, asked } = bench(async () => tokens('two', clock.now()), {
      clock,
      storage: inner,
      timeout: 20,
      refreshTimeout: 20,
    });
    await entry.set(expiredTokens('one', clock.now()));
    const key = [...inner.values.keys()][0]!;
    const holder = await inner.lease!(key, { signal: new AbortController().signal });
    for (const call of [() => entry.refresh(), () => entry.getAccessToken()]) {
      const error = await rejectionOf(call(), 2000);
      expect(error).toMatchObject({ name: 'TimeoutError', retryable: true });
    }
    expect(asked).toEqual([]);
    // `get`, signals and `expiryOf` never need a lease.
    expect((await entry.get())?.refresh_token).toBe('refresh-one-0123456789');
    expect(entry.expiry.value.status).toBe('expired');
    await holder.release();
    expect(await entry.getAccessToken()).toBe('access-two-0123456789');
  });

  test('that neither comes nor gives up fails closed in time too, and is given back where it comes late', async () => {
    const granted = deferred<{ signal: AbortSignal; release: () => Promise<void> }>();
    let released = 0;
    const { entry, clock, asked } = bench(async () => tokens('two', clock.now()), {
      storage: { ...bareBackend(), lease: () => granted.promise },
      timeout: 10,
      refreshTimeout: 10,
    });
    await entry.set(expiredTokens('one', clock.now()));
    expect((await rejectionOf(entry.refresh(), 2000)).name).toBe('TimeoutError');
    granted.resolve({
      signal: new AbortController().signal,
      release: async () => void (released += 1),
    });
    await turns();
    expect(released).toBe(1);
    expect(asked).toEqual([]);
  });

  for (const [title, lease] of [
    ['rejects', () => Promise.reject(new Error('no locks here'))],
    [
      'throws',
      () => {
        throw new Error('no locks here');
      },
    ],
  ] as const) {
    test(`that ${title} is a typed error, and no request is made`, async () => {
      const { entry, clock, asked } = bench(async () => tokens('two', clock.now()), {
        storage: { ...bareBackend(), lease },
      });
      await entry.set(expiredTokens('one', clock.now()));
      expect((await rejectionOf(entry.refresh())).name).toBe('StorageUnavailableError');
      expect((await rejectionOf(entry.getAccessToken())).name).toBe('StorageUnavailableError');
      expect(asked).toEqual([]);
      expect(entry.expiry.value.refreshing).toBe(false);
    });
  }

  test('whose release fails or never ends spoils nothing: the answer is stored and given', async () => {
    for (const release of [() => Promise.reject(new Error('gone')), () => new Promise<void>(() => {})]) {
      const { entry, clock, errors } = bench(async () => tokens('two', clock.now()), {
        storage: { ...bareBackend(), lease: async () => ({ signal: new AbortController().signal, release }) },
        timeout: 20,
      });
      await entry.set(expiredTokens('one', clock.now()));
      expect((await entry.refresh()).access_token).toBe('access-two-0123456789');
      expect(errors).toHaveLength(1);
    }
  });

  test('that is lost goes to `onError` as LeaseLostError; the refresh goes on, and the commit decides', async () => {
    const lost = new AbortController();
    const gate = deferred();
    const { entry, clock, errors } = bench(
      async () => {
        await gate.promise;
        return tokens('two', clock.now());
      },
      {
        storage: { ...bareBackend(), lease: async () => ({ signal: lost.signal, release: async () => {} }) },
      },
    );
    await entry.set(expiredTokens('one', clock.now()));
    const refreshed = entry.refresh();
    await turns();
    lost.abort();
    await turns();
    // No listener is called while it is held, or may still be.
    expect(errors).toEqual([]);
    gate.resolve();
    expect((await refreshed).access_token).toBe('access-two-0123456789');
    expect((await entry.get())?.access_token).toBe('access-two-0123456789');
    expect(errors.map(({ name, code, key }) => [name, code, key])).toEqual([
      ['LeaseLostError', 'ERR_LEASE_LOST', 'default'],
    ]);
  });

  test('that was lost before it arrived is told too', async () => {
    const { entry, clock, errors } = bench(async () => tokens('two', clock.now()), {
      storage: {
        ...bareBackend(),
        lease: async () => ({ signal: AbortSignal.abort(), release: async () => {} }),
      },
    });
    await entry.set(expiredTokens('one', clock.now()));
    await entry.refresh();
    expect(errors.map(({ name }) => name)).toEqual(['LeaseLostError']);
  });

  test('that is lost, while somebody else commits: theirs stays and is adopted', async () => {
    const lost = new AbortController();
    const gate = deferred();
    const inner = bareBackend();
    const { entry, clock } = bench(
      async () => {
        await gate.promise;
        return tokens('ours', clock.now());
      },
      { storage: { ...inner, lease: async () => ({ signal: lost.signal, release: async () => {} }) } },
    );
    await entry.set(expiredTokens('one', clock.now()));
    const refreshed = entry.refresh();
    await turns();
    lost.abort();
    await createCredentialStore({ storage: sameStorage(inner), clock })
      .entry()
      .set(tokens('theirs', clock.now()));
    gate.resolve();
    expect((await refreshed).access_token).toBe('access-theirs-0123456789');
    expect((await entry.get())?.access_token).toBe('access-theirs-0123456789');
  });

  test('waiters of a dead context go on once its lease falls free', async () => {
    const inner = leasedBackend();
    const clock = fakeClock();
    const { entry } = bench(async () => tokens('two', clock.now()), { clock, storage: inner });
    await entry.set(expiredTokens('one', clock.now()));
    const holder = await inner.lease!([...inner.values.keys()][0]!, { signal: new AbortController().signal });
    const token = entry.getAccessToken();
    await turns();
    expect(entry.expiry.value.refreshing).toBe(true);
    await holder.release();
    expect(await token).toBe('access-two-0123456789');
  });

  test('a refresh of a stopped holder that resumes late is fenced by the commit', async () => {
    // Two contexts refresh at once, as if the lease had been taken over: the server counts each request.
    const inner = bareBackend();
    const clock = fakeClock();
    const gates = [deferred(), deferred()];
    const entries = [0, 1].map((index) =>
      createCredentialStore({
        storage: sameStorage(inner),
        clock,
        refresh: async () => {
          await gates[index]!.promise;
          return tokens(`by${index}`, clock.now());
        },
      }).entry(),
    );
    await entries[0]!.set(expiredTokens('one', clock.now()));
    const calls = entries.map((entry) => entry.refresh());
    await turns();
    gates[1]!.resolve();
    expect((await calls[1]!).access_token).toBe('access-by1-0123456789');
    gates[0]!.resolve();
    expect((await calls[0]!).access_token).toBe('access-by1-0123456789');
    await waitFor(() => entries[0]!.credentials.value?.access_token === 'access-by1-0123456789');
  });
});
