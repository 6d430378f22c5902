/* oxlint-disable typescript/no-unsafe-type-assertion -- what types forbid is handed in here */
/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import { describe, expect, test } from 'vitest';
import {
  createCredentialStore,
  InvalidCredentialsError,
  memoryBackend,
  type Credentials,
  type CredentialsInput,
  type StorageBackend,
} from '../../src/index.js';
import { fakeClock } from '../../src/testing/index.js';
import { answeringLater, bareBackend, onlyKey, rejectionOf, sameStorage, tokens, turns } from './support.js';

const session = (storage: StorageBackend = memoryBackend()) => createCredentialStore({ storage }).entry();

describe('set and get', () => {
  test('keep every member, absent and null apart, dates as dates', async () => {
    const entry = session();
    const credentials = {
      access_token: 'a',
      refresh_token: null,
      issued_at: new Date('2026-01-01T00:00:00.123Z'),
      expires_in: null,
      scope: ['openid', 'email'],
      nested: { at: new Date(0), deep: [{ none: null, empty: '' }] },
      zero: 0,
      no: false,
    };
    await entry.set(credentials);
    const stored = await entry.get();
    expect(stored).toStrictEqual(credentials);
    expect(Object.keys(stored!)).not.toContain('token_type');
    await entry.set({ access_token: 'b', issued_at: undefined });
    expect(Object.keys((await entry.get())!)).toEqual(['access_token']);
  });

  test('`set` replaces the whole record', async () => {
    const entry = session();
    await entry.set({ access_token: 'a', scope: 's', refresh_token: 'r' });
    await entry.set({ access_token: 'b' });
    expect(await entry.get()).toEqual({ access_token: 'b' });
  });

  test('`get` of nothing is undefined', async () => {
    expect(await session().get()).toBeUndefined();
  });

  test('what is handed out is frozen in depth, and what was handed in is copied', async () => {
    const entry = session();
    const issuedAt = new Date(Date.now());
    const input = { access_token: 'a', issued_at: issuedAt, expires_in: 3600, nested: { list: [1] } };
    await entry.set(input);
    issuedAt.setTime(0);
    input.nested.list.push(2);
    const first = (await entry.get())!;
    expect(first['nested']).toEqual({ list: [1] });
    expect(Object.isFrozen(first)).toBe(true);
    expect(Object.isFrozen(first['nested'])).toBe(true);
    expect(Object.isFrozen((first['nested'] as { list: number[] }).list)).toBe(true);
    first.issued_at!.setTime(0);
    expect((await entry.get())!.issued_at!.getTime()).toBeGreaterThan(0);
    expect(entry.expiry.value.status).toBe('fresh');
    entry.credentials.value!.issued_at!.setTime(0);
    expect(entry.expiry.value.status).toBe('fresh');
  });

  test('`JSON.stringify` gives the wire form', async () => {
    const entry = session();
    await entry.set({ access_token: 'a', issued_at: new Date(0), expires_in: 60 });
    expect(JSON.parse(JSON.stringify(await entry.get()))).toEqual({
      access_token: 'a',
      issued_at: '1970-01-01T00:00:00.000Z',
      expires_in: 60,
    });
  });

  test('unusable credentials are refused by member, and nothing is written', async () => {
    const entry = session();
    await entry.set({ access_token: 'kept' });
    const bad: [unknown, string | undefined][] = [
      [{ access_token: 'x', issued_at: new Date(Number.NaN) }, 'issued_at'],
      [{ access_token: 'x', expires_in: -1 }, 'expires_in'],
      [{ access_token: 'x', expires_in: Number.NaN }, 'expires_in'],
      [{ access_token: null }, 'access_token'],
      [{ access_token: 7 }, 'access_token'],
      [{ refresh_token: 7 }, 'refresh_token'],
      [undefined, undefined],
      [null, undefined],
      ['token', undefined],
      [[], undefined],
      [new Map(), undefined],
      [Promise.resolve({ access_token: 'x' }), undefined],
    ];
    for (const [input, member] of bad) {
      const error = await rejectionOf(entry.set(input as CredentialsInput));
      expect(error).toBeInstanceOf(InvalidCredentialsError);
      expect((error as InvalidCredentialsError).member).toBe(member);
      const updateError = input === undefined ? error : await rejectionOf(entry.update(() => input as never));
      expect(updateError.name).toMatch(/InvalidCredentialsError|TypeError/);
    }
    expect(await entry.get()).toEqual({ access_token: 'kept' });
  });

  test('`set` never writes the same text twice, not even of equal credentials', async () => {
    const storage = bareBackend();
    const entry = session(storage);
    const seen = new Set<string>();
    for (let index = 0; index < 20; index += 1) {
      await entry.set({ access_token: 'same' });
      seen.add(storage.values.get(onlyKey(storage.values))!);
    }
    expect(seen.size).toBe(20);
  });

  test('a stored record is read by another store, in another version of the same process', async () => {
    const storage = memoryBackend();
    await session(sameStorage(storage)).set(tokens('one', Date.now()));
    expect((await session(sameStorage(storage)).get())?.access_token).toBe('access-one-0123456789');
  });

  test('a store on the same backend object publishes what another one wrote', async () => {
    const storage = answeringLater(memoryBackend());
    const [one, two] = [session(storage), session(storage)];
    const seen: unknown[] = [];
    two.credentials.subscribe((credentials) => seen.push(credentials?.access_token));
    await turns();
    await one.set({ access_token: 'a' });
    await turns();
    await one.delete();
    await turns();
    expect(seen).toEqual([undefined, 'a', undefined]);
  });
});

describe('update', () => {
  test('changes the record and gives what is stored now', async () => {
    const entry = session();
    await entry.set({ access_token: 'a', refresh_token: 'r' });
    const result = await entry.update((current) => ({ ...current, scope: 's' }));
    expect(result).toEqual({ access_token: 'a', refresh_token: 'r', scope: 's' });
    expect(await entry.get()).toEqual(result);
    expect(Object.isFrozen(result)).toBe(true);
  });

  test('gets undefined where nothing is stored, and may create the record', async () => {
    const entry = session();
    const seen: (Credentials | undefined)[] = [];
    await entry.update((current) => {
      seen.push(current);
      return { access_token: 'a' };
    });
    expect(seen).toEqual([undefined]);
    expect(await entry.get()).toEqual({ access_token: 'a' });
  });

  test('`undefined` deletes', async () => {
    const storage = bareBackend();
    const entry = session(storage);
    await entry.set({ access_token: 'a' });
    expect(await entry.update(() => undefined)).toBeUndefined();
    expect(await entry.get()).toBeUndefined();
    expect(storage.values.size).toBe(0);
    expect(await entry.update(() => undefined)).toBeUndefined();
  });

  test('a deeply equal value writes and notifies nothing', async () => {
    const storage = bareBackend();
    const entry = session(storage);
    await entry.set({
      access_token: 'a',
      issued_at: new Date(5e11),
      expires_in: 60,
      nested: { at: new Date(1) },
    });
    const text = storage.values.get(onlyKey(storage.values));
    let told = 0;
    entry.credentials.subscribe(() => (told += 1));
    entry.expiry.subscribe(() => (told += 1));
    told = 0;
    await entry.update((current) => current);
    await entry.update((current) => ({ ...current }));
    await entry.update(() => ({
      nested: { at: new Date(1) },
      expires_in: '60',
      issued_at: new Date(5e11).toISOString(),
      access_token: 'a',
    }));
    await turns();
    expect(storage.values.get(onlyKey(storage.values))).toBe(text);
    expect(told).toBe(0);
  });

  test('an omitted member and a null one are not equal', async () => {
    const entry = session();
    await entry.set({ access_token: 'a' });
    await entry.update((current) => ({ ...current, expires_in: null }));
    expect(await entry.get()).toStrictEqual({ access_token: 'a', expires_in: null });
    await entry.update((current) => ({ access_token: current!.access_token }));
    expect(await entry.get()).toStrictEqual({ access_token: 'a' });
  });

  test('a promise is a TypeError, nothing is written, and its rejection is not unhandled', async () => {
    const entry = session();
    await entry.set({ access_token: 'a' });
    const rejecting = (() => Promise.reject(new Error('late'))) as never;
    expect(await rejectionOf(entry.update(rejecting))).toBeInstanceOf(TypeError);
    expect(await rejectionOf(entry.update((async () => ({ access_token: 'b' })) as never))).toBeInstanceOf(
      TypeError,
    );
    expect(await rejectionOf(entry.update('b' as never))).toBeInstanceOf(TypeError);
    expect(await entry.get()).toEqual({ access_token: 'a' });
    await turns();
  });

  test('a change that throws rejects with what it threw, writes nothing, and does not block the queue', async () => {
    const entry = session();
    await entry.set({ access_token: 'a' });
    const oops = new Error('oops');
    const failed = entry.update(() => {
      throw oops;
    });
    const next = entry.update((current) => ({ ...current, scope: 's' }));
    expect(await rejectionOf(failed)).toBe(oops);
    expect(await next).toEqual({ access_token: 'a', scope: 's' });
  });

  test('the current value cannot be changed in place', async () => {
    const entry = session();
    await entry.set({ access_token: 'a', issued_at: new Date(1e12), nested: { x: 1 } });
    await entry.update((current) => {
      const same = { ...current };
      current!.issued_at!.setTime(0);
      return { ...same, issued_at: new Date(1e12) };
    });
    const error = await rejectionOf(
      entry.update((current) => {
        (current!['nested'] as { x: number }).x = 2;
        return current;
      }),
    );
    expect(error).toBeInstanceOf(TypeError);
    expect(await entry.get()).toEqual({ access_token: 'a', issued_at: new Date(1e12), nested: { x: 1 } });
  });

  test('keeps the mark of an invalidated token, so that it stays queued', async () => {
    const entry = session();
    await entry.set(tokens('one', Date.now()));
    await entry.invalidate();
    await entry.update((current) => ({ ...current, scope: 's' }));
    expect((await entry.get())!['scope']).toBe('s');
    expect(entry.expiry.value.status).toBe('queued');
  });
});

describe('delete', () => {
  test('removes the record and everything kept beside it', async () => {
    const storage = bareBackend();
    const entry = session(storage);
    await entry.set({ access_token: 'a' });
    storage.values.set(onlyKey(storage.values), '{"broken');
    await entry.set({ access_token: 'b' });
    expect(storage.values.size).toBe(2);
    await entry.delete();
    expect(storage.values.size).toBe(0);
    expect(await entry.get()).toBeUndefined();
  });

  test('of nothing is no error', async () => {
    await session().delete();
    await session(bareBackend()).delete();
  });

  test('is seen as one `absent` and nothing more of the deleted record', async () => {
    const clock = fakeClock();
    const entry = createCredentialStore({ storage: memoryBackend(), clock }).entry();
    await entry.set(tokens('one', clock.now()));
    const statuses: string[] = [];
    entry.expiry.subscribe(({ status }) => statuses.push(status));
    await entry.delete();
    await clock.advance(7_200_000);
    expect(statuses).toEqual(['fresh', 'absent']);
  });
});

describe('invalidate', () => {
  const opened = () => {
    const clock = fakeClock();
    const storage = bareBackend();
    const entry = createCredentialStore({ storage, clock }).entry();
    return { clock, storage, entry };
  };

  test('queues for refresh and keeps the credentials as they are', async () => {
    const { clock, entry } = opened();
    await entry.set(tokens('one', clock.now()));
    const before = await entry.get();
    await entry.invalidate();
    expect(entry.expiry.value.status).toBe('queued');
    expect(await entry.get()).toEqual(before);
  });

  test('is seen by another store over the same data', async () => {
    const { clock, entry, storage } = opened();
    await entry.set(tokens('one', clock.now()));
    await entry.invalidate();
    const other = createCredentialStore({ storage: sameStorage(storage), clock }).entry();
    expect(other.expiry.value.status).toBe('queued');
  });

  test('with the stored token queues, with another one does nothing', async () => {
    const { clock, entry, storage } = opened();
    await entry.set(tokens('two', clock.now()));
    const text = storage.values.get(onlyKey(storage.values));
    await entry.invalidate('access-one-0123456789');
    expect(storage.values.get(onlyKey(storage.values))).toBe(text);
    expect(entry.expiry.value.status).toBe('fresh');
    await entry.invalidate('access-two-0123456789');
    expect(entry.expiry.value.status).toBe('queued');
  });

  test('of nothing stored writes nothing', async () => {
    const { entry, storage } = opened();
    await entry.invalidate();
    await entry.invalidate('x');
    expect(storage.values.size).toBe(0);
  });

  test('takes a string only', async () => {
    const { entry } = opened();
    expect(await rejectionOf(entry.invalidate(7 as never))).toBeInstanceOf(TypeError);
    expect(await rejectionOf(entry.invalidate({ token: 'a' } as never))).toBeInstanceOf(TypeError);
  });

  test('a passed deadline wins over the mark', async () => {
    const { clock, entry } = opened();
    await entry.set(tokens('one', clock.now()));
    await entry.invalidate();
    await clock.advance(3_600_000);
    expect(entry.expiry.value.status).toBe('expired');
  });

  test('ends `used until invalidated` for what never expires, and a new `set` replaces the mark', async () => {
    const { entry } = opened();
    await entry.set({ access_token: 'a', expires_in: null });
    await entry.invalidate();
    expect(entry.expiry.value.status).toBe('queued');
    await entry.set({ access_token: 'a', expires_in: null });
    expect(entry.expiry.value.status).toBe('fresh');
  });

  test('trust in an unknown expiry ends with it too', async () => {
    const entry = createCredentialStore({ storage: memoryBackend(), unknownExpiry: 'trust' }).entry();
    await entry.set({ access_token: 'a' });
    expect(entry.expiry.value.status).toBe('fresh');
    await entry.invalidate('a');
    expect(entry.expiry.value.status).toBe('queued');
  });
});

describe('the session', () => {
  const observed = async () => {
    const clock = fakeClock();
    const storage = memoryBackend();
    const entry = createCredentialStore({ storage, clock }).entry();
    await entry.set(tokens('one', clock.now()));
    return { clock, storage, entry, signal: entry.expirySignal() };
  };

  test('goes on with `update` and with a `set` of the same tokens', async () => {
    const { entry, clock, signal } = await observed();
    await entry.update((current) => ({ ...current, scope: 's' }));
    await entry.set(tokens('one', clock.now(), { scope: 't' }));
    expect(signal.aborted).toBe(false);
  });

  test('ends with a `set` of other tokens, also from elsewhere', async () => {
    const { entry, clock, signal } = await observed();
    await entry.set(tokens('two', clock.now()));
    expect(signal.aborted).toBe(true);
    expect((signal.reason as Error).name).toBe('CredentialsExpiredError');
  });

  test('ends with `delete` and with `clear`', async () => {
    const { entry, signal } = await observed();
    await entry.delete();
    expect(signal.aborted).toBe(true);
    expect(entry.expirySignal().aborted).toBe(true);
  });
});

describe('writes to one key', () => {
  test('queue inside a context: later calls see what earlier ones wrote', async () => {
    const entry = session(answeringLater(memoryBackend()));
    const log: string[] = [];
    await Promise.all([
      entry.set({ access_token: 'a', n: 0 }).then(() => log.push('set')),
      entry
        .update((current) => ({ ...current, n: Number(current!['n']) + 1 }))
        .then(() => log.push('update')),
      entry.invalidate().then(() => log.push('invalidate')),
      entry
        .update((current) => ({ ...current, n: Number(current!['n']) + 1 }))
        .then(() => log.push('update')),
      entry.delete(),
      entry.set({ access_token: 'b' }).then(() => log.push('set')),
    ]);
    expect(log).toEqual(['set', 'update', 'invalidate', 'update', 'set']);
    expect(await entry.get()).toEqual({ access_token: 'b' });
  });

  test('do not wait for writes to other keys', async () => {
    const memory = memoryBackend();
    const store = createCredentialStore({
      storage: {
        ...memory,
        compareAndSet: (key, expected, next) =>
          key.includes('stuck') ? new Promise<boolean>(() => {}) : memory.compareAndSet(key, expected, next),
      },
      timeout: 40,
    });
    const stuck = store.entry('stuck').set({ access_token: 'a' });
    await store.entry('free').set({ access_token: 'a' });
    expect(await store.entry('free').get()).toEqual({ access_token: 'a' });
    expect((await rejectionOf(stuck)).name).toBe('TimeoutError');
  });

  test('go on after one that failed', async () => {
    const inner = memoryBackend();
    let failures = 1;
    const entry = session({
      ...inner,
      compareAndSet: (key, expected, next) => {
        if (failures-- > 0) throw new Error('disk on fire');
        return inner.compareAndSet(key, expected, next);
      },
    });
    const [first, second] = await Promise.allSettled([
      entry.set({ access_token: 'a' }),
      entry.set({ access_token: 'b' }),
    ]);
    expect([first.status, second.status]).toEqual(['rejected', 'fulfilled']);
    expect(await entry.get()).toEqual({ access_token: 'b' });
  });

  for (const [title, open] of [
    ['at once', () => memoryBackend()],
    ['later', () => answeringLater(memoryBackend())],
  ] as const) {
    test(`500 parallel updates from two stores on one backend that answers ${title} lose nothing`, async () => {
      const storage = open();
      const entries = [session(storage), session(storage)];
      await entries[0]!.set({ access_token: 'a', count: 0 });
      await Promise.all(
        Array.from({ length: 500 }, (_, index) =>
          entries[index % 2]!.update((current) => ({ ...current, count: Number(current!['count']) + 1 })),
        ),
      );
      expect((await entries[1]!.get())!['count']).toBe(500);
    });
  }

  test('parallel updates of two contexts that know nothing of each other lose nothing', async () => {
    const storage = answeringLater(memoryBackend());
    const entries = [session(sameStorage(storage)), session(sameStorage(storage))];
    await entries[0]!.set({ access_token: 'a', count: 0 });
    await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        entries[index % 2]!.update((current) => ({ ...current, count: Number(current!['count']) + 1 })),
      ),
    );
    expect((await entries[1]!.get())!['count']).toBe(100);
  });
});

describe('contention at compareAndSet', () => {
  /** Somebody else writes between our read and our write, so many times. */
  const contended = (times: number) => {
    const inner = bareBackend();
    const state = { left: times, lost: 0 };
    const intruder = session(sameStorage(inner));
    const storage: StorageBackend = {
      ...inner,
      async compareAndSet(key, expected, next) {
        if (state.left > 0) {
          state.left -= 1;
          await intruder.update((current) => ({ ...current, theirs: Number(current?.['theirs'] ?? 0) + 1 }));
        }
        const won = await inner.compareAndSet(key, expected, next);
        if (!won) state.lost += 1;
        return won;
      },
    };
    return { inner, storage, state };
  };

  test('update tries again until it wins, on what is there by then', async () => {
    const { storage, state } = contended(0);
    const entry = session(storage);
    await entry.set({ access_token: 'a' });
    state.left = 7;
    let runs = 0;
    const result = await entry.update((current) => {
      runs += 1;
      return { ...current, ours: true };
    });
    expect(state.lost).toBe(7);
    expect(runs).toBe(8);
    expect(result).toEqual({ access_token: 'a', theirs: 7, ours: true });
    expect(await entry.get()).toEqual(result);
  });

  test('set, invalidate and delete win in the end too', async () => {
    const { storage, state } = contended(3);
    const entry = session(storage);
    await entry.set({ access_token: 'a', expires_in: null });
    expect(await entry.get()).toEqual({ access_token: 'a', expires_in: null });
    state.left = 3;
    await entry.invalidate();
    expect(await entry.get()).toEqual({ access_token: 'a', expires_in: null, theirs: 3 });
    expect(entry.expiry.value.status).toBe('queued');
    state.left = 3;
    await entry.delete();
    expect(await entry.get()).toBeUndefined();
    expect(state.lost).toBe(9);
  });

  test('update that deletes does not delete what it has not seen', async () => {
    const { storage, state } = contended(0);
    const entry = session(storage);
    await entry.set({ access_token: 'a' });
    state.left = 1;
    const seen: unknown[] = [];
    await entry.update((current) => {
      seen.push(current?.['theirs']);
      return current?.['theirs'] ? current : undefined;
    });
    expect(seen).toEqual([undefined, 1]);
    expect(await entry.get()).toEqual({ access_token: 'a', theirs: 1 });
  });

  for (const call of ['set', 'update', 'invalidate', 'delete'] as const) {
    test(`${call} on a backend that always loses ends with a typed error, not never`, async () => {
      const inner = bareBackend();
      let loses = false;
      const storage: StorageBackend = {
        ...inner,
        async compareAndSet(key, expected, next) {
          await turns(1);
          return !loses && inner.compareAndSet(key, expected, next);
        },
      };
      const entry = createCredentialStore({ storage, timeout: 40 }).entry();
      await entry.set({ access_token: 'a', expires_in: null });
      loses = true;
      try {
        const calls = {
          set: () => entry.set({ access_token: 'b' }),
          update: () => entry.update(() => ({ access_token: 'b' })),
          invalidate: () => entry.invalidate(),
          delete: () => entry.delete(),
        };
        const error = await rejectionOf(calls[call](), 1000);
        expect(error.name).toMatch(/^(ConflictError|TimeoutError)$/);
        expect(error.retryable).toBe(true);
      } finally {
        loses = false;
      }
    });
  }
});

describe('reads that overlap', () => {
  test('never publish the older value over the newer one', async () => {
    const inner = bareBackend();
    const answers: (() => void)[] = [];
    let isHeld = false;
    const storage: StorageBackend = {
      ...inner,
      get(key) {
        const value = inner.values.get(key);
        return new Promise((resolve) => (isHeld ? answers.push(() => resolve(value)) : resolve(value)));
      },
    };
    const entry = createCredentialStore({ storage }).entry();
    const elsewhere = session(sameStorage(inner));
    await elsewhere.set({ access_token: 'old' });
    await entry.get();
    isHeld = true;
    const first = entry.get();
    await elsewhere.set({ access_token: 'new' });
    const second = entry.get();
    answers[1]!();
    expect((await second)?.access_token).toBe('new');
    answers[0]!();
    await first;
    expect(entry.credentials.value?.access_token).toBe('new');
  });

  test('never publish what was read before a write of ours over it', async () => {
    const inner = bareBackend();
    const answers: (() => void)[] = [];
    let isHeld = false;
    const storage: StorageBackend = {
      ...inner,
      get(key) {
        const value = inner.values.get(key);
        return new Promise((resolve) => (isHeld ? answers.push(() => resolve(value)) : resolve(value)));
      },
    };
    const entry = createCredentialStore({ storage }).entry();
    await entry.set({ access_token: 'old' });
    isHeld = true;
    const early = entry.get();
    isHeld = false;
    await entry.set({ access_token: 'new' });
    answers[0]!();
    await early;
    expect(entry.credentials.value?.access_token).toBe('new');
  });
});
