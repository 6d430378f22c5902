/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import { describe, expect, test } from 'vitest';
import {
  createCredentialStore,
  CredentialsExpiredError,
  memoryBackend,
  NoCredentialsError,
  RefreshFailedError,
  type CredentialsInput,
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
} from '../store/support.js';
import { bench } from './support.js';

type Make = (now: number) => CredentialsInput;
const fresh: Make = (now) => tokens('one', now);
const expiring: Make = (now) => tokens('one', now - 3_570_000);
const expired: Make = (now) => expiredTokens('one', now);
const unknown: Make = () => ({
  access_token: 'access-one-0123456789',
  refresh_token: 'refresh-one-0123456789',
});
const none: Make = () => ({ refresh_token: 'refresh-one-0123456789' });

describe('getAccessToken in a store with `refresh`', () => {
  const after = async (make: Make, isDown = false) => {
    const made = bench(async () => {
      if (isDown) throw new Error('503');
      return tokens('two', made.clock.now());
    });
    await made.entry.set(make(made.clock.now()));
    return made;
  };

  test('fresh: returned', async () => {
    const { entry, asked } = await after(fresh);
    expect(await entry.getAccessToken()).toBe('access-one-0123456789');
    expect(asked).toHaveLength(0);
  });

  for (const [status, make] of Object.entries({ expiring, expired, unknown, none })) {
    test(`${status}: refreshed, once`, async () => {
      const { entry, asked } = await after(make);
      expect(await entry.getAccessToken()).toBe('access-two-0123456789');
      expect(asked).toHaveLength(1);
    });
  }

  test('expiring: on any failure the still valid token is returned', async () => {
    const { entry, asked } = await after(expiring, true);
    expect(await entry.getAccessToken()).toBe('access-one-0123456789');
    expect(asked).toHaveLength(1);
    const noRefreshToken = await after((now) => tokens('one', now - 3_570_000, { refresh_token: null }));
    expect(await noRefreshToken.entry.getAccessToken()).toBe('access-one-0123456789');
    const holder = leasedBackend();
    const noLease = bench(async () => tokens('two', 0), { storage: holder, timeout: 10, refreshTimeout: 10 });
    await noLease.entry.set(expiring(noLease.clock.now()));
    await holder.lease!([...holder.values.keys()][0]!, { signal: new AbortController().signal });
    expect(await noLease.entry.getAccessToken()).toBe('access-one-0123456789');
  });

  test('expiring, but expired by the time the refresh has failed: rejected', async () => {
    const gate = deferred();
    const { entry, clock } = bench(async () => {
      await gate.promise;
      throw new Error('503');
    });
    await entry.set(expiring(clock.now()));
    const token = rejectionOf(entry.getAccessToken());
    await turns();
    await clock.advance(60_000);
    gate.resolve();
    expect(await token).toBeInstanceOf(RefreshFailedError);
  });

  test('expiring, but invalidated or deleted by the time the refresh has failed: not given out', async () => {
    for (const end of ['invalidate', 'delete'] as const) {
      const gate = deferred();
      const { entry, clock } = bench(async () => {
        await gate.promise;
        throw new Error('503');
      });
      await entry.set(expiring(clock.now()));
      const token = rejectionOf(entry.getAccessToken());
      await turns();
      await entry[end]();
      gate.resolve();
      expect((await token).name, end).toMatch(/^(RefreshFailedError|ConflictError|NoCredentialsError)$/);
    }
  });

  for (const [status, make] of Object.entries({ expired, unknown, none })) {
    test(`${status}: rejected where the refresh fails`, async () => {
      const { entry } = await after(make, true);
      expect(await rejectionOf(entry.getAccessToken())).toBeInstanceOf(RefreshFailedError);
    });
  }

  test('invalidated: refreshed or rejected, never given out', async () => {
    const up = await after(fresh);
    await up.entry.invalidate();
    expect(await up.entry.getAccessToken()).toBe('access-two-0123456789');
    const down = await after(fresh, true);
    await down.entry.invalidate();
    expect(await rejectionOf(down.entry.getAccessToken())).toBeInstanceOf(RefreshFailedError);
  });

  test('no record: NoCredentialsError, nothing asked', async () => {
    const { entry, asked } = bench(async () => ({ access_token: 'never' }));
    const error = await rejectionOf(entry.getAccessToken());
    expect(error).toBeInstanceOf(NoCredentialsError);
    expect(error).toMatchObject({ code: 'ERR_NO_CREDENTIALS', key: 'default', retryable: false });
    expect(asked).toEqual([]);
  });

  test('trusted: returned', async () => {
    const { entry, asked } = bench(async () => ({ access_token: 'never' }), { unknownExpiry: 'trust' });
    await entry.set({ access_token: 'a' });
    expect(await entry.getAccessToken()).toBe('a');
    expect(asked).toEqual([]);
  });

  test('an answer already expired on arrival is committed, but not given out, and counts as a failure', async () => {
    const { entry, clock, asked } = bench(async () => {
      const asOf = clock.now();
      clock.jump(120_000);
      return { access_token: 'a2', refresh_token: 'r2', expires_in: 30, issued_at: new Date(asOf + 90_000) };
    });
    await entry.set(expired(clock.now()));
    const error = await rejectionOf(entry.getAccessToken());
    expect(error.name).toMatch(/^(RefreshFailedError|CredentialsExpiredError)$/);
    expect(asked).toHaveLength(1);
    expect(await entry.get()).toMatchObject({ access_token: 'a2', refresh_token: 'r2' });
    expect(entry.expiry.value.status).toBe('expired');
  });

  test('an answer already expired on arrival does not loop while observed', async () => {
    const { entry, clock, asked } = bench(async () => {
      // A loop would freeze the test.
      if (asked.length > 100) return new Promise<never>(() => {});
      return { access_token: `a${asked.length}`, refresh_token: `r${asked.length}`, expires_in: 0 };
    });
    await entry.set(expired(clock.now()));
    entry.expiry.subscribe(() => {});
    await turns();
    expect(asked).toHaveLength(1);
    expect(entry.expiry.value.error?.name).toBe('RefreshFailedError');
    await clock.advance(300_000);
    expect(asked.length).toBeLessThan(60);
    expect(new Set(asked).size).toBe(asked.length);
  });

  test('an answer that expires before it could be given out is not given out as good', async () => {
    const { entry, clock } = bench(async () => {
      const asOf = clock.now();
      clock.jump(20_000);
      return { access_token: 'a2', expires_in: 10, issued_at: new Date(asOf) };
    });
    await entry.set(expiring(clock.now()));
    // The old one is still valid, the new one is not.
    expect(await entry.getAccessToken()).toBe('access-one-0123456789');
  });

  test('at most one refresh a call, and no token that was read before the deadline', async () => {
    const { entry, clock, asked } = await after(fresh);
    await entry.getAccessToken();
    clock.jump(3_600_000);
    expect(await entry.getAccessToken()).toBe('access-two-0123456789');
    expect(asked).toHaveLength(1);
  });

  test('reads storage: what another context stored counts at once', async () => {
    const made = await after(expired);
    await made.entry.get();
    const other = createCredentialStore({ storage: sameStorage(made.storage), clock: made.clock }).entry();
    await other.set(tokens('theirs', made.clock.now()));
    expect(await made.entry.getAccessToken()).toBe('access-theirs-0123456789');
    await other.delete();
    expect(await rejectionOf(made.entry.getAccessToken())).toBeInstanceOf(NoCredentialsError);
    expect(made.asked).toEqual([]);
  });

  test('joins a refresh of another status and gives its token', async () => {
    const gate = deferred();
    const { entry, clock, asked } = bench(
      async () => {
        await gate.promise;
        return tokens('two', clock.now());
      },
      { storage: answeringLater(memoryBackend()) },
    );
    await entry.set(fresh(clock.now()));
    const explicit = entry.refresh();
    await turns();
    // Still fresh: no reason to wait.
    expect(await entry.getAccessToken()).toBe('access-one-0123456789');
    await entry.invalidate();
    const token = entry.getAccessToken();
    await turns();
    gate.resolve();
    expect(await token).toBe('access-two-0123456789');
    await explicit;
    expect(asked).toHaveLength(1);
  });
});

describe('getAccessToken in a store without `refresh`', () => {
  const open = async (make?: Make) => {
    const clock = fakeClock();
    const entry = createCredentialStore({ storage: bareBackend(), clock }).entry();
    if (make) await entry.set(make(clock.now()));
    return { clock, entry };
  };

  for (const [status, make] of Object.entries({ fresh, expiring, unknown })) {
    test(`${status}: returned`, async () => {
      const { entry } = await open(make);
      expect(await entry.getAccessToken()).toBe('access-one-0123456789');
    });
  }

  for (const [status, make] of Object.entries({ expired, none })) {
    test(`${status}: CredentialsExpiredError`, async () => {
      const { entry } = await open(make);
      const error = await rejectionOf(entry.getAccessToken());
      expect(error).toBeInstanceOf(CredentialsExpiredError);
      expect(error).toMatchObject({ code: 'ERR_CREDENTIALS_EXPIRED', key: 'default', retryable: false });
    });
  }

  for (const [status, make] of Object.entries({ fresh, expiring, unknown })) {
    test(`${status}, invalidated: CredentialsExpiredError`, async () => {
      const { entry } = await open(make);
      await entry.invalidate();
      expect(await rejectionOf(entry.getAccessToken())).toBeInstanceOf(CredentialsExpiredError);
    });
  }

  test('no record: NoCredentialsError', async () => {
    expect(await rejectionOf((await open()).entry.getAccessToken())).toBeInstanceOf(NoCredentialsError);
  });

  test('known not to expire: returned until `invalidate()`', async () => {
    const { entry, clock } = await open(() => ({ access_token: 'a', expires_in: null }));
    await clock.advance(1e12);
    expect(await entry.getAccessToken()).toBe('a');
    await entry.invalidate('a');
    expect(await rejectionOf(entry.getAccessToken())).toBeInstanceOf(CredentialsExpiredError);
  });
});
