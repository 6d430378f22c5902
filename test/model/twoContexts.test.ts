/* oxlint-disable typescript/no-unsafe-type-assertion -- what types forbid is handed in here */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  createCredentialStore,
  expiryOf,
  isShelflifeError,
  memoryBackend,
  parseCredentials,
  type CredentialEntry,
  type Credentials,
  type StorageBackend,
} from '../../src/index.js';
import { fakeClock, type FakeClock } from '../../src/testing/index.js';
import { bareBackend, sameStorage, turns } from '../store/support.js';

const lifetime = 3600;

/**
 * NOT a real authorization server: a fake for these tests alone, which keeps the two rules that hurt. A refresh token
 * is good for one use, and the second use of one revokes the whole family (RFC 9700 §4.14.2).
 */
class FakeAuthorizationServer {
  readonly #clock: FakeClock;
  readonly #families = new Map<string, { current: string; isRevoked: boolean }>();
  readonly #familyOf = new Map<string, string>();
  readonly redeemed: string[] = [];
  #count = 0;
  isDown = false;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  signIn(): Credentials {
    const family = `family${(this.#count += 1)}`;
    return this.#issue(family);
  }

  async redeem(refreshToken: string): Promise<Credentials> {
    await turns(1);
    if (this.isDown) throw new TypeError('fetch failed');
    const name = this.#familyOf.get(refreshToken);
    const family = this.#families.get(name!);
    this.redeemed.push(refreshToken);
    if (!family || family.isRevoked || family.current !== refreshToken) {
      if (family) family.isRevoked = true;
      throw Object.assign(new Error('revoked'), { error: 'invalid_grant' });
    }
    const answer = this.#issue(name!);
    await turns(1);
    return answer;
  }

  #issue(family: string): Credentials {
    const number = (this.#count += 1);
    const current = `refresh-${family}-${number}`;
    this.#families.set(family, { current, isRevoked: this.#families.get(family)?.isRevoked ?? false });
    this.#familyOf.set(current, family);
    return {
      access_token: `access-${family}-${number}`,
      refresh_token: current,
      issued_at: new Date(this.#clock.now()),
      expires_in: lifetime,
    };
  }
}

/** What ought to be stored: nothing more than the rules of the contract, one call after the other. */
interface Model {
  credentials: Credentials | undefined;
  isMarked: boolean;
}

interface Real {
  readonly clock: FakeClock;
  readonly server: FakeAuthorizationServer;
  readonly values: Map<string, string>;
  readonly entries: CredentialEntry[];
  /** A context ends in the middle of whatever it does, as a killed process, and another one takes its place. */
  crash(n: number): void;
}

/** A storage that can end with its context: nothing it was asked is answered any more, and its leases are free. */
function mortal(inner: StorageBackend): { readonly storage: StorageBackend; die(): void } {
  let isDead = false;
  const leases = new Set<() => Promise<void>>();
  const never = new Promise<never>(() => {});
  const whileAlive = async <T>(work: () => T | Promise<T>): Promise<T> => {
    if (isDead) return never;
    const result = await work();
    return isDead ? never : result;
  };
  return {
    storage: {
      ...inner,
      get: (key) => (isDead ? never : inner.get(key)),
      compareAndSet: (...change) => whileAlive(() => inner.compareAndSet(...change)),
      lease: (key, options) =>
        whileAlive(async () => {
          const lease = await inner.lease!(key, options);
          const release = (): Promise<void> => lease.release();
          if (isDead) await release();
          leases.add(release);
          return {
            signal: lease.signal,
            async release() {
              leases.delete(release);
              await release();
            },
          };
        }),
    },
    die() {
      isDead = true;
      for (const release of leases) void release();
    },
  };
}

function open(isLater: boolean): Real {
  const clock = fakeClock();
  const server = new FakeAuthorizationServer(clock);
  const values = new Map<string, string>();
  const memory = memoryBackend();
  const shared: StorageBackend = {
    ...bareBackend(values),
    lease: (key, options) => memory.lease!(key, options),
  };
  const deaths: (() => void)[] = [];
  const start = (n: number): CredentialEntry => {
    const { storage, die } = mortal(
      isLater
        ? sameStorage(shared, {
            async get(key) {
              await turns(1);
              return values.get(key);
            },
          })
        : sameStorage(shared),
    );
    deaths[n] = die;
    return createCredentialStore({
      storage,
      clock,
      autoRefresh: false,
      onError: () => {},
      refresh: ({ refresh_token }) => server.redeem(refresh_token!),
    }).entry();
  };
  const entries = [start(0), start(1)];
  const crash = (n: number): void => {
    deaths[n]!();
    entries[n] = start(n);
  };
  return { clock, server, values, entries, crash };
}

const statusOf = ({ credentials, isMarked }: Model, now: number): string =>
  expiryOf(credentials, { now, ...(isMarked && { mark: 'queued' }) }).status;

async function check(model: Model, { clock, entries, server }: Real): Promise<void> {
  for (const entry of entries) {
    expect(await entry.get()).toEqual(model.credentials && parseCredentials(model.credentials));
    expect(entry.expiry.value.status).toBe(statusOf(model, clock.now()));
  }
  expect(new Set(server.redeemed).size).toBe(server.redeemed.length);
}

type Command = fc.AsyncCommand<Model, Real>;

const command = (title: string, run: (model: Model, real: Real) => Promise<void>): Command => ({
  check: () => true,
  async run(model, real) {
    await run(model, real);
    await check(model, real);
  },
  toString: () => title,
});

const who = fc.nat(1);
const commands = [
  who.map((n) =>
    command(`${n} signs in`, async (model, { entries, server }) => {
      model.credentials = server.signIn();
      model.isMarked = false;
      await entries[n]!.set(model.credentials);
    }),
  ),
  fc.tuple(who, fc.nat(3)).map(([n, scope]) =>
    command(`${n} updates the scope to ${scope}`, async (model, { entries }) => {
      await entries[n]!.update((current) => current && { ...current, scope: `s${scope}` });
      if (model.credentials) model.credentials = { ...model.credentials, scope: `s${scope}` };
    }),
  ),
  who.map((n) =>
    command(`${n} signs out`, async (model, { entries }) => {
      await entries[n]!.delete();
      model.credentials = undefined;
      model.isMarked = false;
    }),
  ),
  fc.tuple(who, fc.boolean()).map(([n, isNamed]) =>
    command(`${n} invalidates${isNamed ? ' the stored token' : ''}`, async (model, { entries }) => {
      await entries[n]!.invalidate(isNamed ? (model.credentials?.access_token ?? 'none') : undefined);
      model.isMarked = !!model.credentials;
    }),
  ),
  who.map((n) =>
    command(`${n} invalidates a token of long ago`, async (_, { entries }) => {
      await entries[n]!.invalidate('access-of-long-ago');
    }),
  ),
  fc.constantFrom(1, 1000, 1_800_000, 3_541_000, 3_600_000, 90_000_000).map((milliseconds) =>
    command(`${milliseconds} ms pass`, async (_, { clock }) => {
      await clock.advance(milliseconds);
    }),
  ),
  fc.tuple(who, fc.boolean()).map(([n, isDown]) =>
    command(`${n} gets an access token${isDown ? ', the server being down' : ''}`, async (model, real) => {
      const before = real.server.redeemed.length;
      const status = statusOf(model, real.clock.now());
      real.server.isDown = isDown;
      const token: unknown = await real.entries[n]!.getAccessToken().catch((error: unknown) => error);
      real.server.isDown = false;
      const isAsked = model.credentials && status !== 'fresh' && !isDown;
      expect(real.server.redeemed.length - before).toBe(isAsked ? 1 : 0);
      if (!model.credentials) expect(token).toMatchObject({ name: 'NoCredentialsError' });
      else if (isAsked) {
        const { scope } = model.credentials;
        model.credentials = { ...(await real.entries[n]!.get()), ...(scope !== undefined && { scope }) };
        model.isMarked = false;
        expect(token).toBe(model.credentials.access_token);
      } else if (status === 'fresh' || status === 'expiring')
        expect(token).toBe(model.credentials.access_token);
      else expect(token).toMatchObject({ name: 'RefreshFailedError' });
    }),
  ),
  fc.tuple(who, fc.nat(8)).map(([n, moment]) =>
    command(`${n} crashes ${moment} turns into a refresh`, async (model, real) => {
      const before = real.server.redeemed.length;
      void real.entries[n]!.refresh().catch(() => {});
      await turns(moment);
      real.crash(n);
      await turns();
      const stored = await real.entries[1 - n]!.get();
      if (!model.credentials) return expect(stored).toBeUndefined();
      const { refresh_token, scope } = model.credentials;
      const wasRedeemed = real.server.redeemed.length > before;
      const isCommitted = stored?.refresh_token !== refresh_token;
      expect(wasRedeemed || !isCommitted).toBe(true);
      if (isCommitted) {
        model.credentials = { ...stored, ...(scope !== undefined && { scope }) };
        model.isMarked = false;
      } else if (wasRedeemed) {
        // What no client can help: the answer died with its only holder. The record is kept, and the user signs in.
        expect(stored).toEqual(parseCredentials(model.credentials));
        model.credentials = real.server.signIn();
        model.isMarked = false;
        await real.entries[n]!.set(model.credentials);
      }
    }),
  ),
  who.map((n) =>
    command(`both refresh at once, ${n} first`, async (model, real) => {
      const before = real.server.redeemed.length;
      const outcomes = await Promise.all(
        [real.entries[n]!, real.entries[1 - n]!].map((entry) =>
          entry.refresh().catch((error: unknown) => error),
        ),
      );
      if (!model.credentials) {
        for (const outcome of outcomes) expect(outcome).toMatchObject({ name: 'NoCredentialsError' });
        return;
      }
      const { scope } = model.credentials;
      expect(real.server.redeemed.length - before).toBeLessThanOrEqual(2);
      expect(real.server.redeemed.slice(before)).toContain(model.credentials.refresh_token);
      model.credentials = { ...(await real.entries[n]!.get()), ...(scope !== undefined && { scope }) };
      model.isMarked = false;
      expect(outcomes[1]).toEqual(parseCredentials(model.credentials));
    }),
  ),
];

for (const isLater of [false, true]) {
  test(`one call after the other: two contexts whose storage answers ${isLater ? 'later' : 'at once'} do what the model says`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.commands(commands, { maxCommands: 25 }), async (run) => {
        await fc.asyncModelRun(
          () => ({ model: { credentials: undefined, isMarked: false }, real: open(isLater) }),
          run,
        );
      }),
      { numRuns: isLater ? 25 : 60 },
    );
  });
}

type Call = (entry: CredentialEntry, server: FakeAuthorizationServer, index: number) => Promise<unknown>;
const calls: Record<string, Call> = {
  refresh: (entry) => entry.refresh(),
  getAccessToken: (entry) => entry.getAccessToken(),
  invalidate: (entry) => entry.invalidate(),
  'invalidate what it holds': (entry) => entry.invalidate(entry.credentials.value?.access_token),
  update: (entry, _, index) =>
    entry.update((current) => current && { ...current, writes: [...(current['writes'] as number[]), index] }),
  'sign in': (entry, server) => entry.set({ ...server.signIn(), writes: [] }),
  delete: (entry) => entry.delete(),
  observe: async (entry) => void entry.expiry.subscribe(() => {}),
};

function interleaved(names: readonly string[]) {
  return fc.array(fc.tuple(fc.constantFrom(...names), fc.nat(1), fc.nat(2)), { minLength: 2, maxLength: 14 });
}

for (const isLater of [false, true]) {
  const how = isLater ? 'later' : 'at once';

  test(`all at once, answers ${how}: no refresh token is redeemed twice, whatever overlaps`, async () => {
    await fc.assert(
      fc.asyncProperty(interleaved(Object.keys(calls)), fc.boolean(), async (plan, isExpired) => {
        const { entries, server, clock, values } = open(isLater);
        await entries[0]!.set({ ...server.signIn(), writes: [] });
        if (isExpired) clock.jump(lifetime * 1000);
        const running: Promise<unknown>[] = [];
        for (const [index, [name, n, pause]] of plan.entries()) {
          running.push(
            calls[name]!(entries[n]!, server, index).catch((error: unknown) => {
              if (!isShelflifeError(error)) throw error;
            }),
          );
          await turns(pause);
        }
        await Promise.all(running);
        expect(new Set(server.redeemed).size).toBe(server.redeemed.length);
        const [one, two] = await Promise.all(entries.map((entry) => entry.get()));
        expect(one).toEqual(two);
        expect([...values.keys()].filter((key) => key.includes('#'))).toEqual([]);
        for (const entry of entries) expect(entry.expiry.value.refreshing).toBe(false);
      }),
      { numRuns: isLater ? 60 : 120 },
    );
  });

  test(`all at once, answers ${how}: without sign-outs no update and no rotated token is lost`, async () => {
    await fc.assert(
      fc.asyncProperty(
        interleaved(['refresh', 'getAccessToken', 'invalidate', 'invalidate what it holds', 'update']),
        fc.boolean(),
        async (plan, isExpired) => {
          const { entries, server, clock } = open(isLater);
          await entries[0]!.set({ ...server.signIn(), writes: [] });
          if (isExpired) clock.jump(lifetime * 1000);
          const failures: unknown[] = [];
          const running: Promise<unknown>[] = [];
          for (const [index, [name, n, pause]] of plan.entries()) {
            const call = calls[name]!(entries[n]!, server, index).catch((error: unknown) => {
              // What a call refreshed may have been invalidated before it could give it out: it asks at most once.
              if (name !== 'getAccessToken' || (error as Error).name !== 'CredentialsExpiredError')
                failures.push(error);
            });
            running.push(call);
            await turns(pause);
          }
          await Promise.all(running);
          // None of them has a reason to fail.
          expect(failures).toEqual([]);
          const stored = (await entries[1]!.get())!;
          const updates = plan.flatMap(([name], index) => (name === 'update' ? [index] : []));
          expect((stored['writes'] as number[]).toSorted((a, b) => a - b)).toEqual(updates);
          expect(server.redeemed).not.toContain(stored.refresh_token);
          // The stored token is the living one.
          await entries[0]!.get();
          await entries[0]!.refresh();
          expect(server.redeemed.at(-1)).toBe(stored.refresh_token);
        },
      ),
      { numRuns: isLater ? 60 : 120 },
    );
  });
}
