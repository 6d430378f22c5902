import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createCredentialStore,
  expiryOf,
  InvalidCredentialsError,
  memoryBackend,
  type Credentials,
  type ExpiryOptions,
  type ExpiryStatus,
} from '../../src/index.js';
import { fakeClock } from '../../src/testing/index.js';
import { DAY, START } from './support.js';

const issued_at = new Date(START);
const access_token = 'access';
/** Members that are there and undefined, which `exactOptionalPropertyTypes` does not let us write. */
const without = (members: Record<string, unknown>): Credentials => members;
const at = (seconds: number): number => START + seconds * 1000;

describe('omitted means unknown, null means known to be none', () => {
  const rows: [string, Credentials | undefined, ExpiryOptions, ExpiryStatus, number | null][] = [
    ['nothing stored', undefined, {}, 'absent', null],
    ['a known lifetime', { access_token, issued_at, expires_in: 3600 }, {}, 'fresh', 3600],
    ['expires_in null', { access_token, issued_at, expires_in: null }, {}, 'fresh', null],
    ['expires_in null and issued_at omitted', { access_token, expires_in: null }, {}, 'fresh', null],
    ['both null', { access_token, issued_at: null, expires_in: null }, {}, 'fresh', null],
    ['expires_in omitted', { access_token, issued_at }, {}, 'queued', null],
    ['expires_in undefined', without({ access_token, issued_at, expires_in: undefined }), {}, 'queued', null],
    ['issued_at omitted', { access_token, expires_in: 3600 }, {}, 'queued', null],
    ['issued_at undefined', without({ access_token, issued_at: undefined, expires_in: 3600 }), {}, 'queued', null],
    ['issued_at null', { access_token, issued_at: null, expires_in: 3600 }, {}, 'queued', null],
    ['both omitted', { access_token }, {}, 'queued', null],
    ['no access token', { issued_at, expires_in: 3600, refresh_token: 'r' }, {}, 'queued', 3600],
    ['no access token, no expiry either', { expires_in: null, refresh_token: 'r' }, {}, 'queued', null],
    ['no access token, trusted', { refresh_token: 'r' }, { unknownExpiry: 'trust' }, 'queued', null],
    ['no access token, used as is', { refresh_token: 'r' }, { mark: 'used-as-is' }, 'queued', null],
    ['refresh_token null', { access_token, refresh_token: null, issued_at, expires_in: 3600 }, {}, 'fresh', 3600],
    ['refresh_token null, unknown expiry', { access_token, refresh_token: null }, {}, 'queued', null],

    ['trust: both omitted', { access_token }, { unknownExpiry: 'trust' }, 'fresh', null],
    ['trust: issued_at null', { access_token, issued_at: null, expires_in: 60 }, { unknownExpiry: 'trust' }, 'fresh', null],
    ['trust: expires_in omitted', { access_token, issued_at }, { unknownExpiry: 'trust' }, 'fresh', null],
    ['trust, invalidated', { access_token }, { unknownExpiry: 'trust', mark: 'queued' }, 'queued', null],

    ['invalidated', { access_token, issued_at, expires_in: 3600 }, { mark: 'queued' }, 'queued', 3600],
    ['invalidated while expiring', { access_token, issued_at, expires_in: 3600 }, { mark: 'queued', now: at(3599) }, 'queued', 3600],
    ['invalidated, known not to expire', { access_token, expires_in: null }, { mark: 'queued' }, 'queued', null],
    ['used as is', { access_token }, { mark: 'used-as-is' }, 'fresh', null],
    ['used as is, with a deadline', { access_token, issued_at, expires_in: 3600 }, { mark: 'used-as-is' }, 'fresh', 3600],
    ['deadline wins over queued', { access_token, issued_at, expires_in: 3600 }, { mark: 'queued', now: at(3600) }, 'expired', 3600],
    ['deadline wins over used-as-is', { access_token, issued_at, expires_in: 3600 }, { mark: 'used-as-is', now: at(3600) }, 'expired', 3600],
    ['deadline wins over trust', { access_token, issued_at, expires_in: 3600 }, { unknownExpiry: 'trust', now: at(3600) }, 'expired', 3600],
  ]; // prettier-ignore
  test.each(rows)('%s', (_, credentials, options, status, seconds) => {
    expect(expiryOf(credentials, { now: START, ...options })).toEqual({
      status,
      expiresAt: seconds === null ? null : new Date(at(seconds)),
      refreshing: false,
      error: undefined,
    });
  });
});

describe('expiring: within the leeway of expiry, which is at most half of the lifetime', () => {
  const rows: [string, number, number | undefined, number, ExpiryStatus][] = [
    ['the default leeway is 60 s: just before it', 3600, undefined, 3539.999, 'fresh'],
    ['the default leeway is 60 s: from then on', 3600, undefined, 3540, 'expiring'],
    ['until the last millisecond', 3600, undefined, 3599.999, 'expiring'],
    ['expired exactly at the deadline', 3600, undefined, 3600, 'expired'],
    ['expired long after', 3600, undefined, 1e9, 'expired'],
    ['another leeway, before', 3600, 300, 3299.999, 'fresh'],
    ['another leeway, from then on', 3600, 300, 3300, 'expiring'],
    ['no leeway: fresh to the end', 3600, 0, 3599.999, 'fresh'],
    ['no leeway: expired', 3600, 0, 3600, 'expired'],
    ['58 s with 60 s of leeway: fresh at birth', 58, 60, 0, 'fresh'],
    ['58 s with 60 s of leeway: fresh for half of it', 58, 60, 28.999, 'fresh'],
    ['58 s with 60 s of leeway: expiring from half of it', 58, 60, 29, 'expiring'],
    ['120 s: the leeway is exactly half', 120, 60, 59.999, 'fresh'],
    ['120 s: the leeway is exactly half, from then on', 120, 60, 60, 'expiring'],
    ['1 s: fresh at birth', 1, 60, 0.499, 'fresh'],
    ['1 s: expiring from half of it', 1, 60, 0.5, 'expiring'],
    ['an absurd leeway changes nothing', 3600, 1e12, 1799.999, 'fresh'],
    ['zero lifetime: expired at birth, never expiring', 0, 60, 0, 'expired'],
    ['zero lifetime: before it was issued, by this clock', 0, 60, -1, 'fresh'],
    ['issued in the future, by this clock', 3600, 60, -86_400, 'fresh'],
  ];
  test.each(rows)('%s', (_, expires_in, leeway, seconds, status) => {
    const options = { now: at(seconds), ...(leeway !== undefined && { leeway }) };
    expect(expiryOf({ access_token, issued_at, expires_in }, options).status).toBe(status);
  });

  test('a lifetime of 100 years is neither refused nor early', () => {
    const credentials = { access_token, issued_at, expires_in: 36_525 * 86_400 };
    expect(expiryOf(credentials, { now: START + 36_525 * DAY - 60_001 }).status).toBe('fresh');
    expect(expiryOf(credentials, { now: START + 36_525 * DAY - 60_000 }).status).toBe('expiring');
    expect(expiryOf(credentials, { now: START + 36_525 * DAY }).status).toBe('expired');
  });

  test('without now, the wall clock decides', () => {
    const issued = new Date(Date.now() - 10_000);
    expect(expiryOf({ access_token, issued_at: issued, expires_in: 9 }).status).toBe('expired');
    expect(expiryOf({ access_token, issued_at: issued, expires_in: 3600 }).status).toBe('fresh');
  });
});

describe('bad input is refused, never judged', () => {
  test.each([
    ...[NaN, Infinity, -Infinity, null, '0', new Date(START)].map((now) => ({ now })),
    ...[NaN, -1, -Infinity, null, '60'].map((leeway) => ({ leeway })),
  ])('options %o', (options) => {
    const [name] = Object.keys(options);
    for (const credentials of [undefined, { access_token, issued_at, expires_in: 3600 }]) {
      expect(() => expiryOf(credentials, options as ExpiryOptions)).toThrow(TypeError);
      expect(() => expiryOf(credentials, options as ExpiryOptions)).toThrow(`"${name}"`);
    }
  });

  test('a clock that gives no number makes nothing fresh', async () => {
    const clock = { ...fakeClock(), now: () => NaN };
    const entry = createCredentialStore({ storage: memoryBackend(), clock }).entry();
    await entry.set({ access_token, issued_at, expires_in: 3600 });
    expect(entry.expiry.value.status).toBe('expired');
    await expect(entry.getAccessToken()).rejects.toThrow();
  });

  test.each<[string, unknown]>([
    ['an Invalid Date', { access_token, issued_at: new Date(Number.NaN), expires_in: 3600 }],
    ['a NaN lifetime', { access_token, issued_at, expires_in: Number.NaN }],
    ['an infinite lifetime', { access_token, issued_at, expires_in: Infinity }],
    ['a negative lifetime', { access_token, issued_at, expires_in: -5 }],
    ['a lifetime below 0 by a fraction', { access_token, issued_at, expires_in: -0.1 }],
    ['an absurd lifetime', { access_token, issued_at, expires_in: 1e308 }],
    ['a word for a lifetime', { access_token, issued_at, expires_in: 'abc' }],
  ])('%s', (_, credentials) => {
    expect(() => expiryOf(credentials as Credentials)).toThrow(InvalidCredentialsError);
  });
});

describe('what is handed out does not move the deadline', () => {
  test('changing the Date that came out changes no later answer, nor the credentials', () => {
    const credentials = { access_token, issued_at: new Date(START), expires_in: 3600 };
    const first = expiryOf(credentials, { now: START });
    first.expiresAt!.setTime(0);
    expect(expiryOf(credentials, { now: START }).expiresAt).toEqual(new Date(at(3600)));
    expect(credentials.issued_at).toEqual(new Date(START));
  });
});

const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null | undefined> =>
  fc.option(fc.option(arbitrary, { nil: undefined }), { nil: null });

const anyCredentials: fc.Arbitrary<Credentials> = fc
  .record(
    {
      access_token: fc.constantFrom('access', 'other'),
      issued_at: maybe(fc.date({ min: new Date(1e11), max: new Date(4e12), noInvalidDate: true })),
      expires_in: maybe(fc.nat({ max: 4_000_000_000 })),
      refresh_token: fc.constantFrom('refresh', null),
    },
    { requiredKeys: [] },
  )
  .map((credentials) => credentials as Credentials);

const anyOptions = fc.record(
  {
    leeway: fc.nat({ max: 100_000 }),
    unknownExpiry: fc.constantFrom('queue' as const, 'trust' as const),
    mark: fc.constantFrom('queued' as const, 'used-as-is' as const),
  },
  { requiredKeys: [] },
);

/** Moments near the edges of the lifetime, where mistakes are. */
const anyMoment = (credentials: Credentials): fc.Arbitrary<number> => {
  const issued = credentials.issued_at?.getTime() ?? START;
  const deadline = issued + (credentials.expires_in ?? 0) * 1000;
  return fc.oneof(
    fc.integer({ min: -100_000, max: 100_000 }).map((offset) => deadline + offset),
    fc.integer({ min: -100_000, max: 100_000 }).map((offset) => issued + offset),
    fc.integer({ min: 0, max: 8e12 }),
  );
};

describe('properties', () => {
  test('pure: the same answer for the same record and time, and nothing is changed', () => {
    fc.assert(
      fc.property(
        anyCredentials.chain((credentials) =>
          fc.tuple(fc.constant(credentials), anyMoment(credentials), anyOptions),
        ),
        ([credentials, now, options]) => {
          const before = structuredClone(credentials);
          const first = expiryOf(credentials, { ...options, now });
          const again = expiryOf(structuredClone(credentials), { ...options, now });
          expect(again).toEqual(first);
          expect(credentials).toEqual(before);
        },
      ),
    );
  });

  test('monotone: as time goes on the status only goes from fresh or queued over expiring to expired', () => {
    const rank = { fresh: 0, queued: 0, expiring: 1, expired: 2, absent: -1, loading: -1 };
    fc.assert(
      fc.property(
        anyCredentials.chain((credentials) =>
          fc.tuple(fc.constant(credentials), anyMoment(credentials), anyMoment(credentials), anyOptions),
        ),
        ([credentials, one, two, options]) => {
          const earlier = expiryOf(credentials, { ...options, now: Math.min(one, two) });
          const later = expiryOf(credentials, { ...options, now: Math.max(one, two) });
          expect(rank[later.status]).toBeGreaterThanOrEqual(rank[earlier.status]);
          expect(later.expiresAt).toEqual(earlier.expiresAt);
        },
      ),
    );
  });

  test('expired if and only if there is an access token and a deadline that has passed', () => {
    fc.assert(
      fc.property(
        anyCredentials.chain((credentials) =>
          fc.tuple(fc.constant(credentials), anyMoment(credentials), anyOptions),
        ),
        ([credentials, now, options]) => {
          const { status, expiresAt } = expiryOf(credentials, { ...options, now });
          const { access_token: token, issued_at: issued, expires_in: lifetime } = credentials;
          const deadline =
            issued instanceof Date && typeof lifetime === 'number'
              ? issued.getTime() + lifetime * 1000
              : null;
          expect(expiresAt?.getTime() ?? null).toBe(deadline);
          expect(status === 'expired').toBe(token !== undefined && deadline !== null && now >= deadline);
        },
      ),
    );
  });

  test('never expiring in the first half of the lifetime, whatever the leeway', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 1e9 }),
        fc.nat({ max: 1e9 }),
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        (lifetime, leeway, part) => {
          const now = START + Math.floor(lifetime * 1000 * part) - 1;
          expect(expiryOf({ access_token, issued_at, expires_in: lifetime }, { now, leeway }).status).toBe(
            'fresh',
          );
        },
      ),
    );
  });
});
