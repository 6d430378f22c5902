/* oxlint-disable typescript/no-unsafe-type-assertion -- what types forbid is handed in here */
/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import { describe, expect, test, vi } from 'vitest';
import {
  createCredentialStore,
  RefreshFailedError,
  RefreshRejectedError,
  TimeoutError,
  type StorageBackend,
} from '../../src/index.js';
import {
  bareBackend,
  expiredTokens,
  leasedBackend,
  onlyKey,
  rejectionOf,
  sameStorage,
  tokens,
  turns,
} from '../store/support.js';
import { bench, invalidGrant, type Answer } from './support.js';

const codes = [
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
  'interaction_required',
  'login_required',
  'consent_required',
];

describe('a permanent failure', () => {
  const places: Record<string, (code: string) => unknown> = {
    error: (code) => Object.assign(new Error('x'), { error: code }),
    code: (code) => Object.assign(new Error('x'), { code }),
    'cause.error': (code) => new Error('x', { cause: { error: code } }),
    'data.error': (code) => Object.assign(new Error('x'), { data: { error: code } }),
    'response.data.error': (code) => Object.assign(new Error('x'), { response: { data: { error: code } } }),
    'error of a plain object': (code) => ({ error: code, error_description: 'x' }),
  };
  for (const [place, make] of Object.entries(places)) {
    test(`is found by its code in ${place}`, async () => {
      for (const code of codes) {
        const { entry, clock, asked } = bench(() => Promise.reject(make(code)));
        await entry.set(expiredTokens('one', clock.now()));
        const error = await rejectionOf(entry.refresh());
        expect(error, code).toBeInstanceOf(RefreshRejectedError);
        expect(error).toMatchObject({ code: 'ERR_REFRESH_REJECTED', key: 'default', retryable: false });
        expect(await rejectionOf(entry.getAccessToken())).toBeInstanceOf(RefreshRejectedError);
        expect(asked).toHaveLength(1);
      }
    });
  }

  test('is a RefreshRejectedError that the callback threw, with its message', async () => {
    const { entry, clock } = bench(() =>
      Promise.reject(new RefreshRejectedError('The user was blocked.', { cause: new Error('policy') })),
    );
    await entry.set(expiredTokens('one', clock.now()));
    const error = await rejectionOf(entry.refresh());
    expect(error).toBeInstanceOf(RefreshRejectedError);
    expect(error).toMatchObject({
      message: 'The user was blocked.',
      key: 'default',
      cause: { message: 'policy' },
    });
  });

  test('is nothing else: other codes, places and values may pass', async () => {
    const others: unknown[] = [
      new Error('invalid_grant'),
      'invalid_grant',
      Object.assign(new Error('x'), { error: 'temporarily_unavailable' }),
      Object.assign(new Error('x'), { error: 'slow_down' }),
      Object.assign(new Error('x'), { error: ['invalid_grant'] }),
      Object.assign(new Error('x'), { status: 400 }),
      Object.assign(new Error('x'), { code: 'ECONNRESET' }),
      Object.assign(new Error('x'), { error: 'INVALID_GRANT' }),
      new TypeError('fetch failed'),
      new DOMException('aborted', 'AbortError'),
      undefined,
      null,
      42,
      new Proxy(
        {},
        {
          get: () => {
            throw new Error('hostile');
          },
        },
      ),
    ];
    for (const [index, thrown] of others.entries()) {
      const storage = leasedBackend();
      const { entry, clock } = bench(() => Promise.reject(thrown), { storage });
      await entry.set(expiredTokens('one', clock.now()));
      const before = [...storage.values];
      const error = await rejectionOf(entry.refresh());
      expect(error, `thrown value ${index}`).toBeInstanceOf(RefreshFailedError);
      expect(error).toMatchObject({ retryable: true, key: 'default' });
      expect([...storage.values]).toEqual(before);
    }
  });

  test('never deletes or alters the record', async () => {
    const storage = leasedBackend();
    const { entry, clock } = bench(() => Promise.reject(invalidGrant()), { storage });
    await entry.set(expiredTokens('one', clock.now()));
    const key = onlyKey(storage.values);
    const text = storage.values.get(key);
    await rejectionOf(entry.refresh());
    await rejectionOf(entry.getAccessToken());
    expect(storage.values.get(key)).toBe(text);
    expect(entry.expiry.value.status).toBe('expired');
  });

  test('a callback that throws at once is handled as one that rejects', async () => {
    const { entry, clock } = bench(() => {
      throw invalidGrant();
    });
    await entry.set(expiredTokens('one', clock.now()));
    expect(await rejectionOf(entry.refresh())).toBeInstanceOf(RefreshRejectedError);
  });
});

describe('a rejection is remembered', () => {
  /** Two contexts that share the data and nothing else. */
  const pair = (answer: Answer = () => Promise.reject(invalidGrant())) => {
    const inner = leasedBackend();
    const one = bench(answer, { storage: sameStorage(inner) });
    const two = bench(answer, { storage: sameStorage(inner), clock: one.clock });
    return { inner, one, two, clock: one.clock };
  };

  test('automatic paths of every context honour it, with the same code', async () => {
    const { one, two, clock } = pair();
    await one.entry.set(expiredTokens('one', clock.now()));
    const first = await rejectionOf(one.entry.getAccessToken());
    expect(first).toBeInstanceOf(RefreshRejectedError);
    const second = await rejectionOf(two.entry.getAccessToken());
    expect(second).toBeInstanceOf(RefreshRejectedError);
    expect(second).toMatchObject({ code: 'ERR_REFRESH_REJECTED', key: 'default', message: first.message });
    two.entry.expiry.subscribe(() => {});
    one.entry.expiry.subscribe(() => {});
    await clock.advance(86_400_000);
    expect([...one.asked, ...two.asked]).toHaveLength(1);
    expect(two.entry.expiry.value.error).toBeInstanceOf(RefreshRejectedError);
  });

  test('all contexts that asked at once get it, after one request', async () => {
    const { one, two, clock } = pair(async () => {
      await turns(2);
      throw invalidGrant();
    });
    await one.entry.set(expiredTokens('one', clock.now()));
    const errors = await Promise.all(
      [one, two, one, two].map(({ entry }) => rejectionOf(entry.getAccessToken())),
    );
    for (const error of errors) expect(error).toBeInstanceOf(RefreshRejectedError);
    expect([...one.asked, ...two.asked]).toHaveLength(1);
  });

  test('a bare record is no exception', async () => {
    const { inner, one, two, clock } = pair();
    await one.entry.set(expiredTokens('one', clock.now()));
    inner.values.set(onlyKey(inner.values), '{"access_token":"a","refresh_token":"refresh-bare-0123456789"}');
    await rejectionOf(one.entry.getAccessToken());
    await rejectionOf(one.entry.getAccessToken());
    await rejectionOf(two.entry.getAccessToken());
    expect([...one.asked, ...two.asked]).toEqual(['refresh-bare-0123456789']);
  });

  test('`refresh()` asks again, in every context', async () => {
    const { one, two, clock } = pair();
    await one.entry.set(expiredTokens('one', clock.now()));
    await rejectionOf(one.entry.refresh());
    await rejectionOf(one.entry.refresh());
    await rejectionOf(two.entry.refresh());
    expect([one.asked.length, two.asked.length]).toEqual([2, 1]);
  });

  test('`refresh()` that joins an automatic one which only repeats the rejection asks again', async () => {
    const { one, two, clock } = pair();
    await one.entry.set(expiredTokens('one', clock.now()));
    await rejectionOf(one.entry.getAccessToken());
    const automatic = rejectionOf(two.entry.getAccessToken());
    const explicit = [rejectionOf(two.entry.refresh()), rejectionOf(two.entry.refresh())];
    await automatic;
    await Promise.all(explicit);
    expect(two.asked).toHaveLength(1);
  });

  test('`refresh()` that succeeds after all ends it', async () => {
    let isRejected = true;
    const { one, two, clock } = pair(async () => {
      if (isRejected) throw invalidGrant();
      return tokens('two', clock.now());
    });
    await one.entry.set(expiredTokens('one', clock.now()));
    await rejectionOf(one.entry.getAccessToken());
    isRejected = false;
    await one.entry.refresh();
    await clock.advance(3_600_000);
    expect(await two.entry.getAccessToken()).toBe('access-two-0123456789');
  });

  test('a new sign-in ends it', async () => {
    let isRejected = true;
    const { one, two, clock } = pair(async () => {
      if (isRejected) throw invalidGrant();
      return tokens('three', clock.now());
    });
    await one.entry.set(expiredTokens('one', clock.now()));
    await rejectionOf(one.entry.getAccessToken());
    isRejected = false;
    await one.entry.set(expiredTokens('two', clock.now()));
    expect(await two.entry.getAccessToken()).toBe('access-three-0123456789');
    expect(two.asked).toEqual(['refresh-two-0123456789']);
  });

  test('it is no entry: hidden from keys(), gone with delete()', async () => {
    const { inner, one, clock } = pair();
    await one.entry.set(expiredTokens('one', clock.now()));
    await rejectionOf(one.entry.getAccessToken());
    expect(inner.values.size).toBe(2);
    expect(await one.store.keys()).toEqual(['default']);
    await one.entry.delete();
    expect(inner.values.size).toBe(0);
  });

  test('a memory of it that is damaged counts as none, and breaks nothing', async () => {
    const { inner, one, two, clock } = pair();
    await one.entry.set(expiredTokens('one', clock.now()));
    const key = onlyKey(inner.values);
    await rejectionOf(one.entry.getAccessToken());
    for (const text of ['', 'garbage', 'null', '[]', '42', '{"revision":7}']) {
      for (const other of inner.values.keys()) if (other !== key) inner.values.set(other, text);
      expect(await rejectionOf(two.entry.getAccessToken())).toBeInstanceOf(RefreshRejectedError);
    }
    expect(two.asked.length).toBeGreaterThan(0);
  });

  test('an observed entry is not signed out and asks no more', async () => {
    const { one, clock } = pair();
    await one.entry.set(expiredTokens('one', clock.now()));
    const seen: string[] = [];
    one.entry.expiry.subscribe(({ status }) => seen.push(status));
    await clock.advance(86_400_000);
    expect(one.asked).toHaveLength(1);
    expect(new Set(seen)).toEqual(new Set(['expired']));
    expect(one.entry.credentials.value).toBeDefined();
  });
});

describe('a failed refresh reads the record again and adopts a newer one', () => {
  for (const [title, failure] of [
    ['invalid_grant', invalidGrant],
    ['a network error', () => new TypeError('fetch failed')],
  ] as const) {
    test(`after ${title}: resolves with the other's token, which stays; no sign-out is told`, async () => {
      const inner = bareBackend();
      const made = bench(
        async () => {
          // Meanwhile another context, without a common lease, refreshed.
          await other.set(tokens('theirs', made.clock.now()));
          throw failure();
        },
        { storage: sameStorage(inner) },
      );
      const other = createCredentialStore({ storage: sameStorage(inner), clock: made.clock }).entry();
      await made.entry.set(expiredTokens('one', made.clock.now()));
      const statuses: string[] = [];
      made.entry.expiry.subscribe(({ status }) => statuses.push(status));
      expect(await made.entry.getAccessToken()).toBe('access-theirs-0123456789');
      await turns();
      expect(made.asked).toHaveLength(1);
      expect((await made.entry.get())?.refresh_token).toBe('refresh-theirs-0123456789');
      expect(statuses).not.toContain('absent');
      expect(statuses.at(-1)).toBe('fresh');
      expect(made.entry.expiry.value.error).toBeUndefined();
      expect(inner.values.size).toBe(1);
    });
  }

  test('but not one that is expired', async () => {
    const inner = bareBackend();
    const made = bench(
      async () => {
        await other.set(expiredTokens('theirs', made.clock.now()));
        throw new Error('503');
      },
      { storage: sameStorage(inner) },
    );
    const other = createCredentialStore({ storage: sameStorage(inner), clock: made.clock }).entry();
    await made.entry.set(expiredTokens('one', made.clock.now()));
    expect(await rejectionOf(made.entry.refresh())).toBeInstanceOf(RefreshFailedError);
  });

  test('and if the record can not be read then, the failure itself is told', async () => {
    const inner = bareBackend();
    let isDown = false;
    const storage: StorageBackend = {
      ...inner,
      get: (key) => {
        if (isDown) throw new Error('down');
        return inner.get(key);
      },
    };
    const { entry, clock } = bench(
      async () => {
        isDown = true;
        throw new Error('503');
      },
      { storage },
    );
    await entry.set(expiredTokens('one', clock.now()));
    expect(await rejectionOf(entry.refresh())).toBeInstanceOf(RefreshFailedError);
  });
});

describe('a failure that may pass', () => {
  test('keeps the record byte for byte, says why, and is tried again while observed', async () => {
    let isOffline = true;
    const storage = leasedBackend();
    const { entry, clock, asked } = bench(
      async () => {
        if (isOffline) throw new TypeError('fetch failed');
        return tokens('two', clock.now());
      },
      { storage },
    );
    await entry.set(expiredTokens('one', clock.now()));
    const text = storage.values.get(onlyKey(storage.values));
    entry.expiry.subscribe(() => {});
    await turns();
    expect(entry.expiry.value).toMatchObject({ status: 'expired', error: { name: 'RefreshFailedError' } });
    await clock.advance(600_000);
    expect(storage.values.get(onlyKey(storage.values))).toBe(text);
    const tries = asked.length;
    expect(tries).toBeGreaterThan(5);
    expect(tries).toBeLessThan(120);
    isOffline = false;
    await clock.advance(120_000);
    expect(entry.expiry.value).toMatchObject({ status: 'fresh', error: undefined });
    expect(asked).toHaveLength(tries + 1);
  });

  test('is not tried again while nothing observes', async () => {
    const { entry, clock, asked } = bench(() => Promise.reject(new Error('503')));
    await entry.set(expiredTokens('one', clock.now()));
    const unsubscribe = entry.expiry.subscribe(() => {});
    await turns();
    unsubscribe();
    await clock.advance(600_000);
    expect(asked).toHaveLength(1);
  });

  test('waits exponentially longer, up to a bound, with full jitter', async () => {
    const random = vi.spyOn(Math, 'random').mockReturnValue(0.999999);
    try {
      const times: number[] = [];
      const { entry, clock } = bench(async () => {
        times.push(clock.now());
        throw new Error('503');
      });
      await entry.set(expiredTokens('one', clock.now()));
      entry.expiry.subscribe(() => {});
      await clock.advance(1_200_000);
      const waits = times.slice(1).map((time, index) => time - times[index]!);
      for (let index = 1; index < 4; index += 1) {
        expect(waits[index]! / waits[index - 1]!).toBeGreaterThan(1.8);
        expect(waits[index]! / waits[index - 1]!).toBeLessThan(2.2);
      }
      expect(Math.max(...waits)).toBeLessThan(300_000);
      expect(waits.at(-1)).toBe(waits.at(-2));
    } finally {
      random.mockRestore();
    }
  });

  test('does not storm, even where chance wants it short', async () => {
    const random = vi.spyOn(Math, 'random').mockReturnValue(0.001);
    try {
      const { entry, clock, asked } = bench(() => Promise.reject(new Error('503')));
      await entry.set(expiredTokens('one', clock.now()));
      entry.expiry.subscribe(() => {});
      await clock.advance(1000);
      expect(asked.length).toBeLessThan(100);
    } finally {
      random.mockRestore();
    }
  });

  test('waits at least for `Retry-After`, from the error of ours or from another', async () => {
    for (const failure of [
      new RefreshFailedError('503', { retryAfter: 120 }),
      Object.assign(new Error('503'), { retryAfter: 120 }),
    ]) {
      const times: number[] = [];
      const { entry, clock } = bench(async () => {
        times.push(clock.now());
        throw failure;
      });
      await entry.set(expiredTokens('one', clock.now()));
      entry.expiry.subscribe(() => {});
      await turns();
      expect((entry.expiry.value.error as RefreshFailedError).retryAfter).toBe(120);
      await clock.advance(119_999);
      expect(times).toHaveLength(1);
      await clock.advance(60_001);
      expect(times.length).toBeGreaterThanOrEqual(2);
    }
  });

  test('a Retry-After that is nonsense neither blocks nor storms', async () => {
    for (const retryAfter of [Number.NaN, -5, 'soon' as never, Number.NEGATIVE_INFINITY]) {
      const { entry, clock, asked } = bench(() =>
        Promise.reject(new RefreshFailedError('503', { retryAfter })),
      );
      await entry.set(expiredTokens('one', clock.now()));
      entry.expiry.subscribe(() => {});
      await clock.advance(600_000);
      expect(asked.length).toBeGreaterThan(3);
      expect(asked.length).toBeLessThan(200);
    }
  });

  test('a clock set back never lengthens the wait', async () => {
    const times: number[] = [];
    let passed = 0;
    const { entry, clock } = bench(async () => {
      times.push(passed);
      throw new RefreshFailedError('503', { retryAfter: 60 });
    });
    await entry.set(expiredTokens('one', clock.now()));
    entry.expiry.subscribe(() => {});
    await turns();
    clock.jump(-3_600_000);
    await clock.advance(0);
    for (; passed < 300; passed += 10) await clock.advance(10_000);
    expect(times.length).toBeGreaterThanOrEqual(2);
    expect(times[1]).toBeLessThanOrEqual(200);
  });

  test('goes again at once when the host is online', async () => {
    const listeners = new Map<string, Set<(event: { type: string }) => void>>();
    vi.stubGlobal('addEventListener', (type: string, listener: (event: { type: string }) => void) =>
      (listeners.get(type) ?? listeners.set(type, new Set()).get(type)!).add(listener),
    );
    vi.stubGlobal('removeEventListener', (type: string, listener: (event: { type: string }) => void) =>
      listeners.get(type)?.delete(listener),
    );
    let isOffline = true;
    const { entry, clock, asked, store } = bench(async () => {
      if (isOffline) throw new RefreshFailedError('offline', { retryAfter: 3600 });
      return tokens('two', clock.now());
    });
    await entry.set(expiredTokens('one', clock.now()));
    entry.expiry.subscribe(() => {});
    await turns();
    isOffline = false;
    for (const listener of listeners.get('online') ?? []) listener({ type: 'online' });
    await turns();
    expect(asked).toHaveLength(2);
    expect(entry.expiry.value.status).toBe('fresh');
    await store.close();
    expect([...listeners.values()].every((set) => set.size === 0)).toBe(true);
  });

  test('`online` does not revive a rejection', async () => {
    const listeners = new Set<(event: { type: string }) => void>();
    vi.stubGlobal('addEventListener', (type: string, listener: (event: { type: string }) => void) => {
      if (type === 'online') listeners.add(listener);
    });
    vi.stubGlobal('removeEventListener', () => {});
    const { entry, clock, asked } = bench(() => Promise.reject(invalidGrant()));
    await entry.set(expiredTokens('one', clock.now()));
    entry.expiry.subscribe(() => {});
    await turns();
    for (const listener of listeners) listener({ type: 'online' });
    await turns();
    expect(asked).toHaveLength(1);
  });

  test('the error goes with the next refresh or other tokens, not before', async () => {
    let fails = true;
    const { entry, clock } = bench(
      async () => {
        if (fails) throw new Error('503');
        return tokens('two', clock.now());
      },
      { autoRefresh: false },
    );
    await entry.set(expiredTokens('one', clock.now()));
    entry.expiry.subscribe(() => {});
    await rejectionOf(entry.refresh());
    await entry.get();
    expect(entry.expiry.value.error).toBeInstanceOf(RefreshFailedError);
    await entry.set(tokens('three', clock.now()));
    expect(entry.expiry.value.error).toBeUndefined();
    await rejectionOf(entry.refresh());
    fails = false;
    await entry.refresh();
    expect(entry.expiry.value.error).toBeUndefined();
  });

  test('a failure of an automatic refresh goes to `onError`, one with a caller does not', async () => {
    const automatic = bench(() => Promise.reject(new Error('503')));
    await automatic.entry.set(expiredTokens('one', automatic.clock.now()));
    automatic.entry.expiry.subscribe(() => {});
    await turns();
    expect(automatic.errors.map(({ name }) => name)).toEqual(['RefreshFailedError']);
    const called = bench(() => Promise.reject(new Error('503')), { autoRefresh: false });
    await called.entry.set(expiredTokens('one', called.clock.now()));
    await rejectionOf(called.entry.refresh());
    await rejectionOf(called.entry.getAccessToken());
    expect(called.errors).toEqual([]);
  });

  test('two keys back off independently', async () => {
    const { store, clock, asked } = bench(async (_, { key }) => {
      if (key === 'bad') throw new RefreshFailedError('503', { retryAfter: 3600 });
      return tokens('two', clock.now());
    });
    for (const key of ['bad', 'good']) {
      await store.entry(key).set(expiredTokens(key, clock.now()));
      store.entry(key).expiry.subscribe(() => {});
    }
    await turns();
    expect(new Set(asked)).toEqual(new Set(['refresh-bad-0123456789', 'refresh-good-0123456789']));
    expect(store.entry('good').expiry.value.status).toBe('fresh');
  });
});

describe('autoRefresh', () => {
  test('refreshes what is `queued`, `expiring` and `expired` while observed, once each', async () => {
    let count = 0;
    const { entry, clock, asked } = bench(async () => tokens(`n${(count += 1)}`, clock.now()));
    entry.expiry.subscribe(() => {});
    await entry.set(tokens('n0', clock.now()));
    await clock.advance(3_539_999);
    expect(asked).toHaveLength(0);
    await clock.advance(1);
    expect(asked).toHaveLength(1);
    await entry.invalidate();
    await turns();
    expect(asked).toHaveLength(2);
    await entry.set(expiredTokens('n9', clock.now()));
    await turns();
    expect(asked).toHaveLength(3);
  });

  test('does nothing while nothing observes, nor for an `expirySignal` alone', async () => {
    const { entry, clock, asked } = bench(async () => tokens('two', clock.now()));
    await entry.set(tokens('one', clock.now()));
    entry.expirySignal();
    await clock.advance(7_200_000);
    expect(asked).toEqual([]);
  });

  test('switched off leaves it to the user', async () => {
    const { entry, clock, asked } = bench(async () => tokens('two', clock.now()), { autoRefresh: false });
    await entry.set(tokens('one', clock.now()));
    entry.expiry.subscribe(() => {});
    await clock.advance(7_200_000);
    expect(asked).toEqual([]);
    expect(entry.expiry.value.status).toBe('expired');
    expect(await entry.getAccessToken()).toBe('access-two-0123456789');
  });

  test('tokens of 58 s with a leeway of 60 s: one `expiring` each, no storm', async () => {
    let count = 0;
    const { entry, clock, asked } = bench(async () =>
      tokens(`n${(count += 1)}`, clock.now(), { expires_in: 58 }),
    );
    await entry.set(tokens('n0', clock.now(), { expires_in: 58 }));
    const expiring: (string | undefined)[] = [];
    let last = '';
    entry.expiry.subscribe(({ status }) => {
      if (status === 'expiring' && last !== 'expiring') expiring.push(entry.credentials.value?.access_token);
      last = status;
    });
    await clock.advance(290_000);
    expect(asked).toHaveLength(10);
    expect(new Set(expiring).size).toBe(expiring.length);
    expect(expiring).toHaveLength(10);
  });

  test('tokens without any lifetime left do not storm', async () => {
    const { entry, clock, asked } = bench(async () =>
      // A loop would freeze the test.
      asked.length > 200 ? new Promise<never>(() => {}) : tokens('zero', clock.now(), { expires_in: 0 }),
    );
    await entry.set(expiredTokens('one', clock.now()));
    entry.expiry.subscribe(() => {});
    await clock.advance(600_000);
    expect(asked.length).toBeLessThan(120);
    expect(entry.expiry.value.status).toBe('expired');
  });

  test('lifetimes of 25, 30 and 400 days and 100 years: no refresh and no event before their time', async () => {
    for (const days of [25, 30, 400, 36_500]) {
      const { entry, clock, asked } = bench(async () => ({ access_token: 'never' }));
      await entry.set(tokens('one', clock.now(), { expires_in: days * 86_400 }));
      let told = -1;
      entry.expiry.subscribe(() => (told += 1));
      clock.jump((days - 1) * 86_400_000);
      await clock.advance(86_400_000 - 60_001);
      expect([days, told, asked.length]).toEqual([days, 0, 0]);
      await clock.advance(60_000);
      expect(asked).toHaveLength(1);
    }
  });
});

describe('the callback is bounded', () => {
  test('by `refreshTimeout`: a TimeoutError, and its signal aborts', async () => {
    let signal: AbortSignal | undefined;
    const { entry, clock } = bench(
      (_, context) => {
        signal = context.signal;
        return new Promise(() => {});
      },
      { refreshTimeout: 20 },
    );
    await entry.set(expiredTokens('one', clock.now()));
    const error = await rejectionOf(entry.refresh());
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ retryable: true, key: 'default' });
    expect(error.message).toContain('refreshTimeout');
    expect(signal!.aborted).toBe(true);
    expect((await entry.get())?.refresh_token).toBe('refresh-one-0123456789');
    expect(entry.expiry.value.refreshing).toBe(false);
  });

  test('one that rejects because its signal aborted changes nothing', async () => {
    const { entry, clock } = bench(
      (_, { signal }) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason as Error)),
        ),
      { refreshTimeout: 20 },
    );
    await entry.set(expiredTokens('one', clock.now()));
    expect(await rejectionOf(entry.refresh())).toBeInstanceOf(TimeoutError);
    await turns();
  });
});

test('refresh() in a store without the option says so', async () => {
  const entry = createCredentialStore({ storage: bareBackend() }).entry();
  await entry.set({ access_token: 'a', refresh_token: 'r' });
  expect(await rejectionOf(entry.refresh())).toBeInstanceOf(TypeError);
});

test('refresh() of nothing is NoCredentialsError, without a request', async () => {
  const { entry, asked } = bench(async () => ({ access_token: 'never' }));
  expect(await rejectionOf(entry.refresh())).toMatchObject({ name: 'NoCredentialsError', key: 'default' });
  expect(asked).toEqual([]);
});
