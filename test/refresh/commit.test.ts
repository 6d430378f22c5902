/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import { describe, expect, test } from 'vitest';
import {
  ConflictError,
  createCredentialStore,
  type CredentialEntry,
  type StorageBackend,
} from '../../src/index.js';
import { fakeClock } from '../../src/testing/index.js';
import {
  bareBackend,
  deferred,
  expiredTokens,
  leasedBackend,
  onlyKey,
  rejectionOf,
  sameStorage,
  tokens,
  turns,
} from '../store/support.js';
import { bench } from './support.js';

describe('a commit that loses', () => {
  /** While the answer is under way, somebody else does something to the record. */
  const during = async (change: (other: CredentialEntry, now: number) => Promise<unknown>, times = 1) => {
    const inner = leasedBackend();
    const clock = fakeClock();
    const other = createCredentialStore({ storage: sameStorage(inner), clock }).entry();
    let left = times;
    const made = bench(async () => tokens('ours', clock.now(), { added: 1 }), {
      clock,
      autoRefresh: false,
      storage: sameStorage(inner, {
        async compareAndSet(key, expected, next) {
          if (isAsking && left > 0) {
            left -= 1;
            await change(other, clock.now());
          }
          return inner.compareAndSet(key, expected, next);
        },
      }),
    });
    let isAsking = false;
    await made.entry.set(expiredTokens('one', clock.now(), { scope: 's' }));
    isAsking = true;
    const outcome: unknown = await made.entry.refresh().catch((error: unknown) => error);
    return { ...made, inner, other, outcome, stored: await other.get() };
  };

  test('to a change of another member: the answer is merged into what is there now', async () => {
    const { stored, outcome, clock, asked } = await during((other) =>
      other.update((current) => ({ ...current, theirs: Number(current?.['theirs'] ?? 0) + 1 })),
    );
    expect(stored).toEqual(tokens('ours', clock.now(), { scope: 's', theirs: 1, added: 1 }));
    expect(outcome).toEqual(stored);
    expect(asked).toHaveLength(1);
  });

  test('seven times in a row is tried again each time, never dropped, and asked for once', async () => {
    const { stored, clock, asked } = await during(
      (other) => other.update((current) => ({ ...current, theirs: Number(current?.['theirs'] ?? 0) + 1 })),
      7,
    );
    expect(stored).toEqual(tokens('ours', clock.now(), { scope: 's', theirs: 7, added: 1 }));
    expect(asked).toHaveLength(1);
  });

  test('to a mark: the answer replaces it', async () => {
    const { stored, entry, outcome } = await during((other) => other.invalidate());
    expect(stored?.access_token).toBe('access-ours-0123456789');
    expect(outcome).toEqual(stored);
    expect(entry.expiry.value.status).toBe('fresh');
  });

  test('to a delete: ConflictError, and it stays signed out', async () => {
    const { stored, outcome, entry, inner } = await during((other) => other.delete());
    expect(outcome).toBeInstanceOf(ConflictError);
    expect(outcome).toMatchObject({ code: 'ERR_CONFLICT', key: 'default' });
    expect(stored).toBeUndefined();
    expect(await entry.get()).toBeUndefined();
    expect(entry.expiry.value.status).toBe('absent');
    expect(inner.values.size).toBe(0);
  });

  test('to other tokens that are good: they stay, and resolve the call', async () => {
    const { stored, outcome, clock } = await during((other, now) => other.set(tokens('theirs', now)));
    expect(stored).toEqual(tokens('theirs', clock.now()));
    expect(outcome).toEqual(stored);
  });

  test('to other tokens that are no good: they stay, ConflictError', async () => {
    for (const [status, change] of [
      ['expired', (other: CredentialEntry, now: number) => other.set(expiredTokens('theirs', now))],
      ['queued', (other: CredentialEntry) => other.set({ access_token: 'theirs' })],
    ] as const) {
      const { stored, outcome, entry } = await during(change);
      expect(outcome).toBeInstanceOf(ConflictError);
      expect(stored?.access_token).toContain('theirs');
      expect(entry.expiry.value.status).toBe(status);
    }
  });

  test('to a delete and a new sign-in with the very same tokens is merged', async () => {
    const { stored } = await during(async (other, now) => {
      await other.delete();
      await other.set(expiredTokens('one', now));
    });
    expect(stored?.access_token).toBe('access-ours-0123456789');
  });

  test('that an `invalidate()` of ours came upon is no conflict: it waits for its turn', async () => {
    const inner = leasedBackend();
    const clock = fakeClock();
    const gate = deferred();
    let reads = -1;
    const { entry } = bench(
      async () => {
        reads = 0;
        return tokens('ours', clock.now());
      },
      {
        clock,
        autoRefresh: false,
        storage: sameStorage(inner, {
          async get(key) {
            // The first read of the commit is slow.
            if (reads >= 0 && (reads += 1) === 1) await gate.promise;
            return inner.get(key);
          },
        }),
      },
    );
    await entry.set(expiredTokens('one', clock.now()));
    const refreshed = entry.refresh();
    await turns();
    const invalidated = entry.invalidate();
    await turns();
    gate.resolve();
    expect((await refreshed).access_token).toBe('access-ours-0123456789');
    await invalidated;
    expect((await entry.get())?.refresh_token).toBe('refresh-ours-0123456789');
    expect(entry.expiry.value.status).toBe('queued');
  });

  test('tells observers once, straight to what is stored', async () => {
    const inner = leasedBackend();
    const clock = fakeClock();
    const gate = deferred();
    const { entry, store } = bench(
      async () => {
        await gate.promise;
        return tokens('ours', clock.now());
      },
      { clock, storage: inner, autoRefresh: false },
    );
    await entry.set(expiredTokens('one', clock.now()));
    const seen: unknown[] = [];
    entry.credentials.subscribe((credentials) => seen.push(credentials?.access_token));
    const refreshed = rejectionOf(entry.refresh());
    await turns();
    await entry.delete();
    gate.resolve();
    expect((await refreshed).name).toBe('ConflictError');
    await turns();
    expect(seen).toEqual(['access-one-0123456789', undefined]);
    await store.close();
  });
});

describe('a refresh whose write fails', () => {
  const failing = (error: () => unknown = () => new Error('disk full')) => {
    const inner = leasedBackend();
    const state = { fails: false, failsReads: false, writes: 0 };
    const storage: StorageBackend = sameStorage(inner, {
      get: (key) => {
        if (state.failsReads) throw error();
        return inner.get(key);
      },
      compareAndSet: (key, expected, next) => {
        state.writes += 1;
        if (state.fails) throw error();
        return inner.compareAndSet(key, expected, next);
      },
    });
    const server = { issued: 0 };
    const made = bench(async () => tokens(`n${(server.issued += 1)}`, made.clock.now()), { storage });
    return { ...made, inner, state };
  };

  const failed = async () => {
    const made = failing();
    await made.entry.set(expiredTokens('n0', made.clock.now()));
    made.state.fails = true;
    const error = await rejectionOf(made.entry.refresh());
    return { ...made, error };
  };

  test('rejects with the storage error', async () => {
    const { error } = await failed();
    expect(error).toMatchObject({ name: 'StorageUnavailableError', key: 'default' });
  });

  test('`health` is failed, and stays so until the write succeeds', async () => {
    const { store, clock, state } = await failed();
    expect(store.health.value.status).toBe('failed');
    expect(store.health.value.error?.name).toBe('StorageUnavailableError');
    await store.entry().get();
    expect(store.health.value.status).toBe('failed');
    state.fails = false;
    await clock.advance(120_000);
    expect(store.health.value.status).toBe('ok');
  });

  test('the new credentials are served from memory: get, signals, getAccessToken', async () => {
    const { entry, inner, asked } = await failed();
    expect((await entry.get())?.refresh_token).toBe('refresh-n1-0123456789');
    expect(entry.credentials.value?.access_token).toBe('access-n1-0123456789');
    expect(entry.expiry.value.status).toBe('fresh');
    expect(await entry.getAccessToken()).toBe('access-n1-0123456789');
    expect(asked).toHaveLength(1);
    expect([...inner.values.values()].join()).toContain('refresh-n0');
  });

  test('served too where reads fail as well', async () => {
    const { entry, state } = await failed();
    state.failsReads = true;
    expect((await entry.get())?.refresh_token).toBe('refresh-n1-0123456789');
    expect(await entry.getAccessToken()).toBe('access-n1-0123456789');
    expect(entry.expiry.value.status).toBe('fresh');
  });

  test('`getAccessToken` that asked for the refresh gives the new token', async () => {
    const { entry, clock, state } = failing();
    await entry.set(expiredTokens('n0', clock.now()));
    state.fails = true;
    expect(await entry.getAccessToken()).toBe('access-n1-0123456789');
  });

  test('served by another store on the same backend object too', async () => {
    const { storage, clock } = await failed();
    const second = createCredentialStore({ storage, clock }).entry();
    expect((await second.get())?.refresh_token).toBe('refresh-n1-0123456789');
    expect(second.credentials.value?.access_token).toBe('access-n1-0123456789');
  });

  test('the old refresh token is never sent again from here', async () => {
    const { entry, asked, clock, state } = await failed();
    await rejectionOf(entry.refresh());
    await rejectionOf(entry.refresh());
    await clock.advance(3_600_000);
    await rejectionOf(entry.getAccessToken()).catch(() => {});
    state.fails = false;
    await entry.refresh();
    expect(asked.slice(0, 3)).toEqual([0, 1, 2].map((index) => `refresh-n${index}-0123456789`));
    expect(new Set(asked).size).toBe(asked.length);
    expect((await entry.get())?.refresh_token).toBe(`refresh-n${asked.length}-0123456789`);
  });

  test('the write is tried again with backoff until it succeeds, even unobserved, then no more', async () => {
    const { clock, inner, state, entry, errors } = await failed();
    const before = state.writes;
    await clock.advance(600_000);
    const tries = state.writes - before;
    expect(tries).toBeGreaterThan(5);
    expect(tries).toBeLessThan(200);
    expect(errors.length).toBeGreaterThan(0);
    state.fails = false;
    await clock.advance(120_000);
    const other = createCredentialStore({ storage: sameStorage(inner), clock }).entry();
    expect((await other.get())?.refresh_token).toBe('refresh-n1-0123456789');
    const writes = state.writes;
    await clock.advance(600_000);
    expect(state.writes).toBe(writes);
    expect((await entry.get())?.refresh_token).toBe('refresh-n1-0123456789');
  });

  test('the retried write merges into what others changed meanwhile', async () => {
    const { clock, inner, state } = await failed();
    const other = createCredentialStore({ storage: sameStorage(inner), clock }).entry();
    await other.update((current) => ({ ...current, scope: 'theirs' }));
    state.fails = false;
    await clock.advance(120_000);
    expect(await other.get()).toMatchObject({ refresh_token: 'refresh-n1-0123456789', scope: 'theirs' });
  });

  test('other tokens that were stored meanwhile stay, and are served', async () => {
    const { clock, inner, state, entry } = await failed();
    const other = createCredentialStore({ storage: sameStorage(inner), clock }).entry();
    await other.set(tokens('theirs', clock.now()));
    state.fails = false;
    await clock.advance(120_000);
    expect((await other.get())?.refresh_token).toBe('refresh-theirs-0123456789');
    expect((await entry.get())?.refresh_token).toBe('refresh-theirs-0123456789');
  });

  test('a sign-out elsewhere meanwhile stays a sign-out', async () => {
    const { clock, inner, state, entry } = await failed();
    await createCredentialStore({ storage: sameStorage(inner), clock })
      .entry()
      .delete();
    state.fails = false;
    await clock.advance(120_000);
    expect(await entry.get()).toBeUndefined();
    expect(entry.expiry.value.status).toBe('absent');
    expect(inner.values.size).toBe(0);
  });

  test('a `set` or `delete` of ours that succeeds ends it', async () => {
    for (const end of ['set', 'delete'] as const) {
      const { clock, state, entry, inner } = await failed();
      state.fails = false;
      if (end === 'set') await entry.set(tokens('signed-in', clock.now()));
      else await entry.delete();
      await clock.advance(600_000);
      expect((await entry.get())?.refresh_token).toBe(
        end === 'set' ? 'refresh-signed-in-0123456789' : undefined,
      );
      expect(inner.values.size).toBe(end === 'set' ? 1 : 0);
    }
  });

  test('an `update` writes the new tokens with the change', async () => {
    const { state, entry, inner, clock } = await failed();
    state.fails = false;
    await entry.update((current) => ({ ...current, scope: 's' }));
    const other = createCredentialStore({ storage: sameStorage(inner), clock }).entry();
    expect(await other.get()).toMatchObject({ refresh_token: 'refresh-n1-0123456789', scope: 's' });
  });

  test('`invalidate` meanwhile is not lost', async () => {
    const { state, entry, clock, inner } = await failed();
    state.fails = false;
    await entry.invalidate('access-n1-0123456789');
    const other = createCredentialStore({ storage: sameStorage(inner), clock }).entry();
    expect((await other.get())?.refresh_token).toBe('refresh-n1-0123456789');
    expect(other.expiry.value.status).toBe('queued');
  });

  test('close() tries the write once more', async () => {
    const { state, store, inner, clock } = await failed();
    state.fails = false;
    await store.close();
    const other = createCredentialStore({ storage: sameStorage(inner), clock }).entry();
    expect((await other.get())?.refresh_token).toBe('refresh-n1-0123456789');
  });

  test('another store on the same backend object goes on trying when the first closes', async () => {
    const { state, store, storage, inner, clock } = await failed();
    const second = createCredentialStore({ storage, clock });
    second.entry().expiry.subscribe(() => {});
    await store.close();
    state.fails = false;
    await clock.advance(600_000);
    const other = createCredentialStore({ storage: sameStorage(inner), clock }).entry();
    expect((await other.get())?.refresh_token).toBe('refresh-n1-0123456789');
  });

  test('a write that was reported late but happened is no conflict', async () => {
    const inner = leasedBackend();
    const clock = fakeClock();
    let isSlow = false;
    let finish: (() => void) | undefined;
    const { entry, errors, asked } = bench(async () => tokens('two', clock.now()), {
      clock,
      timeout: 20,
      storage: sameStorage(inner, {
        compareAndSet: (key, expected, next) => {
          if (!isSlow) return inner.compareAndSet(key, expected, next);
          return new Promise((resolve) => {
            finish = () => resolve(inner.compareAndSet(key, expected, next));
          });
        },
      }),
    });
    await entry.set(expiredTokens('one', clock.now()));
    isSlow = true;
    expect((await rejectionOf(entry.refresh())).name).toBe('TimeoutError');
    isSlow = false;
    finish!();
    await clock.advance(120_000);
    expect((await entry.get())?.refresh_token).toBe('refresh-two-0123456789');
    expect(await entry.getAccessToken()).toBe('access-two-0123456789');
    expect(errors.map(({ name }) => name)).not.toContain('ConflictError');
    expect(asked).toHaveLength(1);
  });
});

describe('a late answer', () => {
  const late = async () => {
    const gate = deferred();
    const storage = bareBackend();
    const made = bench(
      async () => {
        await gate.promise;
        return tokens('late', made.clock.now());
      },
      { storage, refreshTimeout: 15, autoRefresh: false },
    );
    await made.entry.set(expiredTokens('one', made.clock.now()));
    const error = await rejectionOf(made.entry.refresh());
    expect(error.name).toBe('TimeoutError');
    return { ...made, gate, storage };
  };

  test('is still offered to the commit, and told', async () => {
    const { entry, gate, storage } = await late();
    const seen: unknown[] = [];
    entry.credentials.subscribe((credentials) => seen.push(credentials?.refresh_token));
    gate.resolve();
    await turns();
    expect(seen).toEqual(['refresh-one-0123456789', 'refresh-late-0123456789']);
    expect(storage.values.get(onlyKey(storage.values))).toContain('refresh-late-0123456789');
    expect(entry.expiry.value).toMatchObject({ status: 'fresh', error: undefined });
  });

  test('replaces no other tokens, and revives nothing that was deleted', async () => {
    const replaced = await late();
    await replaced.entry.set(tokens('newer', replaced.clock.now()));
    replaced.gate.resolve();
    await turns();
    expect((await replaced.entry.get())?.refresh_token).toBe('refresh-newer-0123456789');
    const deleted = await late();
    await deleted.entry.delete();
    deleted.gate.resolve();
    await turns();
    expect(await deleted.entry.get()).toBeUndefined();
    expect(deleted.storage.values.size).toBe(0);
    expect(deleted.errors.map(({ name }) => name)).toContain('ConflictError');
  });

  test('that is a rejection after all is no unhandled one', async () => {
    const gate = deferred();
    const { entry, clock } = bench(
      async () => {
        await gate.promise;
        throw new Error('late failure');
      },
      { refreshTimeout: 15 },
    );
    await entry.set(expiredTokens('one', clock.now()));
    await rejectionOf(entry.refresh());
    gate.resolve();
    await turns();
  });
});
