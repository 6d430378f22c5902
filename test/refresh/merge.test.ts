/* oxlint-disable typescript/no-unsafe-type-assertion -- what types forbid is handed in here */
/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import { describe, expect, test } from 'vitest';
import type { CredentialsInput } from '../../src/index.js';
import { fakeClock } from '../../src/testing/index.js';
import { expiredTokens, rejectionOf, tokens, turns } from '../store/support.js';
import { bench } from './support.js';

/** What is stored once this answer came to a refresh of that record, a minute after it was asked for. */
async function merged(
  before: (now: number) => CredentialsInput,
  answer: (askedAt: number) => unknown,
  options: { readonly takes?: number } = {},
) {
  const clock = fakeClock();
  const askedAt = clock.now();
  const made = bench(
    async () => {
      clock.jump(options.takes ?? 0);
      return answer(askedAt) as CredentialsInput;
    },
    { clock, autoRefresh: false },
  );
  await made.entry.set(before(askedAt));
  const outcome = await made.entry.refresh().catch((error: unknown) => error);
  return { ...made, askedAt, outcome, stored: await made.entry.get() };
}

describe('an answer is merged by group', () => {
  const before = (now: number): CredentialsInput => ({
    access_token: 'a1',
    refresh_token: 'r1',
    issued_at: new Date(now - 7_200_000),
    expires_in: 3600,
    scope: 's1',
    id_token: 'i1',
    nested: { x: 1, y: 2 },
  });
  const rest = { scope: 's1', id_token: 'i1', nested: { x: 1, y: 2 } };

  const rows: [string, (askedAt: number) => object, (askedAt: number) => object][] = [
    [
      'access_token, issued_at and expires_in are replaced as one unit',
      () => ({ access_token: 'a2', expires_in: 60 }),
      (at) => ({ access_token: 'a2', refresh_token: 'r1', issued_at: new Date(at), expires_in: 60, ...rest }),
    ],
    [
      'an omitted lifetime does not inherit the old one',
      () => ({ access_token: 'a2' }),
      (at) => ({ access_token: 'a2', refresh_token: 'r1', issued_at: new Date(at), ...rest }),
    ],
    [
      'a lifetime of null is known to be endless',
      () => ({ access_token: 'a2', expires_in: null }),
      (at) => ({
        access_token: 'a2',
        refresh_token: 'r1',
        issued_at: new Date(at),
        expires_in: null,
        ...rest,
      }),
    ],
    [
      'an omitted refresh_token keeps the old one',
      () => ({ access_token: 'a2', refresh_token: undefined, expires_in: 60 }),
      (at) => ({ access_token: 'a2', refresh_token: 'r1', issued_at: new Date(at), expires_in: 60, ...rest }),
    ],
    [
      'a refresh_token of null clears it',
      () => ({ access_token: 'a2', refresh_token: null, expires_in: 60 }),
      (at) => ({ access_token: 'a2', refresh_token: null, issued_at: new Date(at), expires_in: 60, ...rest }),
    ],
    [
      'a string replaces it',
      () => ({ access_token: 'a2', refresh_token: 'r2', expires_in: 60 }),
      (at) => ({ access_token: 'a2', refresh_token: 'r2', issued_at: new Date(at), expires_in: 60, ...rest }),
    ],
    [
      'every other member replaces its namesake as a whole, null too; absent ones stay',
      () => ({ access_token: 'a2', expires_in: 60, nested: { z: 3 }, scope: null, added: [1] }),
      (at) => ({
        access_token: 'a2',
        refresh_token: 'r1',
        issued_at: new Date(at),
        expires_in: 60,
        id_token: 'i1',
        nested: { z: 3 },
        scope: null,
        added: [1],
      }),
    ],
    [
      'a lifetime that is a digit string becomes a number',
      () => ({ access_token: 'a2', expires_in: '3599' }),
      (at) => ({
        access_token: 'a2',
        refresh_token: 'r1',
        issued_at: new Date(at),
        expires_in: 3599,
        ...rest,
      }),
    ],
    [
      'a fraction of a lifetime is dropped',
      () => ({ access_token: 'a2', expires_in: 3599.9 }),
      (at) => ({
        access_token: 'a2',
        refresh_token: 'r1',
        issued_at: new Date(at),
        expires_in: 3599,
        ...rest,
      }),
    ],
    [
      'an empty refresh_token keeps the old one',
      () => ({ access_token: 'a2', refresh_token: '', expires_in: 60 }),
      (at) => ({ access_token: 'a2', refresh_token: 'r1', issued_at: new Date(at), expires_in: 60, ...rest }),
    ],
    [
      'a deadline in place of a lifetime counts from the request',
      (at) => ({ access_token: 'a2', expires_at: Math.floor(at / 1000) + 601 }),
      (at) => ({
        access_token: 'a2',
        refresh_token: 'r1',
        issued_at: new Date(at),
        expires_at: Math.floor(at / 1000) + 601,
        expires_in: Math.floor((Math.floor(at / 1000) * 1000 - at) / 1000) + 601,
        ...rest,
      }),
    ],
    [
      'the same access token with a new lifetime is another unit all the same',
      () => ({ access_token: 'a1', expires_in: 60 }),
      (at) => ({ access_token: 'a1', refresh_token: 'r1', issued_at: new Date(at), expires_in: 60, ...rest }),
    ],
  ];
  for (const [title, answer, expected] of rows) {
    test(title, async () => {
      const { stored, outcome, askedAt } = await merged(before, answer);
      expect(stored).toStrictEqual(expected(askedAt));
      expect(outcome).toEqual(stored);
    });
  }

  test('other names of the deadline go with the token they belong to', async () => {
    const old = { expires_at: 1_800_000_000, expires_on: '1800000000', expiry_date: 1_800_000_000_000 };
    const { stored, askedAt } = await merged(
      (now) => expiredTokens('one', now, old),
      (at) => ({ access_token: 'a2', expires_in: 60, expires_at: Math.floor(at / 1000) + 60 }),
    );
    expect(stored).toStrictEqual({
      access_token: 'a2',
      refresh_token: 'refresh-one-0123456789',
      issued_at: new Date(askedAt),
      expires_in: 60,
      expires_at: Math.floor(askedAt / 1000) + 60,
    });
  });

  test.each([
    ['of a wrong type', { refresh_token: 7 }, 'refresh_token'],
    ['in a list', { refresh_token: ['r2'] }, 'refresh_token'],
    ['in another spelling', { refreshToken: 'r2' }, 'refreshToken'],
  ])(
    'a refresh token %s counts as omitted, is told, and does not cost the answer',
    async (_, odd, member) => {
      // Where the record had none, the other spelling would be all it has.
      for (const refresh_token of ['r1', undefined]) {
        const { stored, outcome, errors, entry, askedAt } = await merged(
          (now) => ({ ...before(now), refresh_token }),
          () => ({ access_token: 'a2', expires_in: 60, ...odd }),
        );
        expect(stored).toStrictEqual({
          access_token: 'a2',
          ...(refresh_token && { refresh_token }),
          issued_at: new Date(askedAt),
          expires_in: 60,
          ...rest,
        });
        expect(outcome).toEqual(stored);
        expect(errors).toMatchObject([{ name: 'InvalidCredentialsError', member, key: 'default' }]);
        expect(entry.expiry.value.status).toBe('fresh');
      }
    },
  );

  test('an answer with null tokens that never had one stays null', async () => {
    const { stored } = await merged(
      () => ({ access_token: 'a1' }),
      () => ({ access_token: 'a2', expires_in: 60 }),
    );
    expect(Object.keys(stored!)).not.toContain('refresh_token');
  });
});

describe('the time of issue', () => {
  const issued = async (offset: number | undefined, takes = 0) => {
    const { stored, askedAt } = await merged(
      (now) => expiredTokens('one', now),
      (at) => ({
        access_token: 'a2',
        expires_in: 3600,
        ...(offset !== undefined && { issued_at: new Date(at + offset) }),
      }),
      { takes },
    );
    return stored!.issued_at!.getTime() - askedAt;
  };

  test('where it is missing, is the time just before the request', async () => {
    expect(await issued(undefined, 5000)).toBe(0);
  });

  test('is believed up to 60 s off the local clock, either way', async () => {
    for (const offset of [0, 1, -1, 30_000, -30_000, 60_000, -60_000])
      expect(await issued(offset)).toBe(offset);
  });

  test('further off becomes the time just before the request', async () => {
    for (const offset of [60_001, -60_001, 3_600_000, -3_600_000, 1e11, -1e11])
      expect(await issued(offset)).toBe(0);
  });

  test('of null is as if it were missing', async () => {
    const { stored, askedAt } = await merged(
      (now) => expiredTokens('one', now),
      () => ({ access_token: 'a2', expires_in: 3600, issued_at: null }),
    );
    expect(stored!.issued_at!.getTime()).toBe(askedAt);
  });

  test('does not keep the skew of a device: an hour fast or slow makes a token usable once', async () => {
    for (const offset of [3_600_000, -3_600_000]) {
      const { entry } = await merged(
        (now) => expiredTokens('one', now),
        (at) => ({ access_token: 'a2', expires_in: 600, issued_at: new Date(at + offset) }),
      );
      expect(entry.expiry.value.status).toBe('fresh');
    }
  });
});

describe('an unusable lifetime', () => {
  const odd: [string, object][] = [
    ['a word', { expires_in: 'soon' }],
    ['negative', { expires_in: -5 }],
    ['NaN', { expires_in: Number.NaN }],
    ['Infinity', { expires_in: Number.POSITIVE_INFINITY }],
    ['too large', { expires_in: 1e308 }],
    ['beyond Date', { expires_in: 8.64e12 }],
    ['an object', { expires_in: {} }],
    ['true', { expires_in: true }],
  ];
  for (const [title, member] of odd) {
    test(`(${title}) counts as omitted, is told to \`onError\`, and never costs the rotated refresh token`, async () => {
      const { stored, outcome, errors, entry, askedAt } = await merged(
        (now) => expiredTokens('one', now),
        () => ({ access_token: 'a2', refresh_token: 'r2', ...member }),
      );
      expect(stored).toStrictEqual({ access_token: 'a2', refresh_token: 'r2', issued_at: new Date(askedAt) });
      expect(outcome).toEqual(stored);
      expect(errors.map(({ name }) => name)).toEqual(['InvalidCredentialsError']);
      expect(errors[0]!.key).toBe('default');
      expect(entry.expiry.value.status).toBe('fresh');
    });
  }

  const oddIssues: [string, unknown][] = [
    ['Invalid Date', new Date(Number.NaN)],
    ['seconds', 1_767_225_600],
    ['a word', 'yesterday'],
    ['without offset', '2026-01-01T00:00:00'],
    ['an object', {}],
  ];
  for (const [title, issuedAt] of oddIssues) {
    test(`time of issue (${title}) is replaced and told, and the lifetime counts`, async () => {
      const { stored, errors, askedAt } = await merged(
        (now) => expiredTokens('one', now),
        () => ({ access_token: 'a2', refresh_token: 'r2', expires_in: 60, issued_at: issuedAt }),
      );
      expect(stored).toStrictEqual({
        access_token: 'a2',
        refresh_token: 'r2',
        expires_in: 60,
        issued_at: new Date(askedAt),
      });
      expect(errors.map(({ name }) => name)).toEqual(['InvalidCredentialsError']);
    });
  }
});

describe('an answer without a usable access token', () => {
  const unusable: [string, unknown][] = [
    ['nothing', undefined],
    ['null', null],
    ['a string', 'access'],
    ['an empty object', {}],
    ['an empty access token', { access_token: '' }],
    ['an access token of null', { access_token: null }],
    ['an access token that is a number', { access_token: 7 }],
    ['a refresh token alone', { refresh_token: 'r2' }],
    ['an array', [{ access_token: 'a' }]],
    ['a Map', new Map([['access_token', 'a']])],
    [
      'a class instance',
      new (class Response {
        access_token = 'a';
      })(),
    ],
    ['an access token in another spelling', { accessToken: 'a2' }],
  ];
  for (const [title, answer] of unusable) {
    test(`(${title}) is a failure and stores nothing`, async () => {
      const { outcome, stored, askedAt } = await merged(
        (now) => expiredTokens('one', now, { scope: 's' }),
        () => answer,
      );
      expect(outcome).toMatchObject({ name: 'RefreshFailedError', retryable: true, key: 'default' });
      expect(stored).toEqual(expiredTokens('one', askedAt, { scope: 's' }));
    });
  }

  test('an OAuth error body with a permanent code is a rejection; its description is not repeated', async () => {
    const { outcome, stored, askedAt } = await merged(
      (now) => expiredTokens('one', now),
      () => ({ error: 'invalid_grant', error_description: 'refresh-one-0123456789 is revoked' }),
    );
    expect(outcome).toMatchObject({
      name: 'RefreshRejectedError',
      code: 'ERR_REFRESH_REJECTED',
      retryable: false,
    });
    expect((outcome as Error).message).not.toContain('0123456789');
    expect(stored).toEqual(expiredTokens('one', askedAt));
  });

  test('an OAuth error body with another code may pass', async () => {
    const { outcome } = await merged(
      (now) => expiredTokens('one', now),
      () => ({ error: 'temporarily_unavailable', access_token: 'a' }),
    );
    expect(outcome).toMatchObject({ name: 'RefreshFailedError' });
  });
});

describe('used as is', () => {
  test('an answer that again has no lifetime is used until `invalidate()`: one refresh, no loop', async () => {
    let count = 0;
    const { entry, clock, asked } = bench(async () => ({ access_token: `a${(count += 1)}` }));
    const statuses: string[] = [];
    entry.expiry.subscribe(({ status }) => statuses.push(status));
    await entry.set({ access_token: 'a0', refresh_token: 'r' });
    await clock.advance(86_400_000);
    expect(asked).toHaveLength(1);
    expect(await entry.getAccessToken()).toBe('a1');
    expect(await entry.getAccessToken()).toBe('a1');
    expect(asked).toHaveLength(1);
    expect(entry.expiry.value).toMatchObject({ status: 'fresh', expiresAt: null });
    expect(statuses.filter((status) => status === 'queued').length).toBeLessThanOrEqual(2);
    await entry.invalidate('a1');
    await clock.advance(60_000);
    expect(asked).toHaveLength(2);
    expect(await entry.getAccessToken()).toBe('a2');
    await clock.advance(86_400_000);
    expect(asked).toHaveLength(2);
  });

  test('is seen by another context, and ends with a `set`', async () => {
    const made = bench(async () => ({ access_token: 'a1' }));
    const other = bench(async () => ({ access_token: 'never' }), {
      storage: { ...made.storage },
      clock: made.clock,
    });
    await made.entry.set({ access_token: 'a0', refresh_token: 'r' });
    await made.entry.getAccessToken();
    expect(await other.entry.getAccessToken()).toBe('a1');
    expect(other.asked).toEqual([]);
    await other.entry.set({ access_token: 'a9', refresh_token: 'r' });
    expect(made.entry.expiry.value.status).toBe('queued');
  });

  test('keeps with an `update` of another member', async () => {
    const { entry, asked } = bench(async () => ({ access_token: 'a1' }));
    await entry.set({ access_token: 'a0', refresh_token: 'r' });
    await entry.getAccessToken();
    await entry.update((current) => ({ ...current, scope: 's' }));
    expect(await entry.getAccessToken()).toBe('a1');
    expect(asked).toHaveLength(1);
  });

  test('a record with a lifetime but no time of issue is refreshed exactly once', async () => {
    const { entry, clock, asked } = bench(async () => ({ access_token: 'a1', expires_in: 3600 }));
    entry.expiry.subscribe(() => {});
    await entry.set({ access_token: 'a0', refresh_token: 'r', expires_in: 3600 });
    await clock.advance(60_000);
    expect(asked).toHaveLength(1);
    expect(entry.expiry.value.status).toBe('fresh');
  });
});

describe('the refresh token', () => {
  test('of null is known to be none: rejected without asking, by every path', async () => {
    const { entry, clock, asked } = bench(async () => tokens('two', clock.now()));
    await entry.set(expiredTokens('one', clock.now(), { refresh_token: null }));
    entry.expiry.subscribe(() => {});
    for (const call of [() => entry.refresh(), () => entry.getAccessToken()])
      expect(await rejectionOf(call())).toMatchObject({ name: 'RefreshRejectedError', key: 'default' });
    await clock.advance(3_600_000);
    expect(asked).toEqual([]);
    expect(entry.expiry.value.error?.name).toBe('RefreshRejectedError');
  });

  test('omitted is asked for all the same (client credentials)', async () => {
    let count = 0;
    const { entry, clock, asked } = bench(async () => ({
      access_token: `a${(count += 1)}`,
      expires_in: 3600,
    }));
    await entry.set({ access_token: 'a0', issued_at: new Date(clock.now() - 7_200_000), expires_in: 3600 });
    expect(await entry.getAccessToken()).toBe('a1');
    expect((await entry.refresh()).access_token).toBe('a2');
    expect(asked).toEqual([undefined, undefined]);
    expect(Object.keys((await entry.get())!)).not.toContain('refresh_token');
  });

  test('rotated is what is stored, told and sent next, in frozen copies', async () => {
    let count = 0;
    const { entry, clock, asked } = bench(async () => tokens(`n${(count += 1)}`, clock.now()));
    await entry.set(expiredTokens('n0', clock.now()));
    const told: (string | null | undefined)[] = [];
    entry.credentials.subscribe((credentials) => {
      expect(credentials === undefined || Object.isFrozen(credentials)).toBe(true);
      told.push(credentials?.refresh_token);
    });
    await turns();
    for (let index = 0; index < 3; index += 1) await entry.refresh();
    expect(asked).toEqual([0, 1, 2, 3].map((index) => `refresh-n${index}-0123456789`));
    expect(told).toEqual([0, 1, 2, 3, 4].map((index) => `refresh-n${index}-0123456789`));
    expect((await entry.get())?.refresh_token).toBe('refresh-n4-0123456789');
  });
});
