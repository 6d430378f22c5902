import { inspect } from 'node:util';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { createCredentialStore, memoryBackend } from '../../src/index.js';
import { parseCredentials } from '../../src/credentials/parseCredentials.js';
import { InvalidCredentialsError } from '../../src/errors/InvalidCredentialsError.js';
import { payloads } from './payloads.js';
import { refusalOf } from './refusalOf.js';

const DAY = 86_400;
const known = ['access_token', 'refresh_token', 'issued_at', 'expires_in'];

describe('a payload of the field', () => {
  for (const { source, payload, known: expected, refused } of payloads) {
    test(`${source} is ${expected ? 'taken' : `refused for its ${refused}`}`, () => {
      if (!expected) {
        expect(refusalOf(payload).member).toBe(refused);
        return;
      }
      const credentials = parseCredentials(payload);
      const rest = Object.entries(payload as object).filter(
        ([name, value]) => !known.includes(name) && typeof value !== 'function',
      );
      expect(credentials).toEqual({ ...Object.fromEntries(rest), ...expected });
      expect(
        Object.keys(credentials)
          .filter((name) => known.includes(name))
          .toSorted(),
      ).toEqual(Object.keys(expected).toSorted());
    });
  }
});

describe('omitted means unknown, null means known to be none', () => {
  test('absent, null and a value are kept apart', () => {
    expect(Object.keys(parseCredentials({}))).toEqual([]);
    expect(parseCredentials({ refresh_token: null, issued_at: null, expires_in: null })).toStrictEqual({
      refresh_token: null,
      issued_at: null,
      expires_in: null,
    });
  });

  test('lists keep their places, whatever is in them', () => {
    // oxlint-disable-next-line no-sparse-arrays -- a hole is what is handed in here
    const list = ['x', undefined, () => {}, 'y', , null];
    expect(parseCredentials({ list })['list']).toEqual(['x', undefined, undefined, 'y', undefined, null]);
  });

  test('undefined is the same as absent, in nested objects too', () => {
    const credentials = parseCredentials({
      access_token: undefined,
      extra: undefined,
      nested: { a: undefined, b: 1 },
    });
    expect(credentials).toStrictEqual({ nested: { b: 1 } });
  });

  test('an access token is never known to be none', () => {
    expect(refusalOf({ access_token: null }).member).toBe('access_token');
  });
});

describe('issued_at', () => {
  const instant = new Date('2026-07-01T10:00:00.123Z');

  test.each([
    ['a Date', new Date(instant), instant],
    ['UTC', '2026-07-01T10:00:00.123Z', instant],
    ['an offset', '2026-07-01T12:00:00.123+02:00', instant],
    ['a negative offset', '2026-07-01T04:30:00.123-05:30', instant],
    ['-00:00, unknown local offset', '2026-07-01T10:00:00.123-00:00', instant],
    ['a leap second', '2016-12-31T23:59:60Z', new Date('2017-01-01T00:00:00Z')],
    ['a leap second with a fraction', '2016-12-31t23:59:60.5z', new Date('2017-01-01T00:00:00.500Z')],
    ['a leap second elsewhere', '2016-12-31T15:59:60-08:00', new Date('2017-01-01T00:00:00Z')],
    ['no fraction', '2026-07-01T10:00:00Z', new Date('2026-07-01T10:00:00Z')],
    ['one digit of fraction', '2026-07-01T10:00:00.1Z', new Date('2026-07-01T10:00:00.100Z')],
    ['nanoseconds', '2026-07-01T10:00:00.123456789Z', instant],
    ['lower case, RFC 3339 §5.6', '2026-07-01t10:00:00.123z', instant],
    ['29 February of a leap year', '2028-02-29T00:00:00Z', new Date(Date.UTC(2028, 1, 29))],
    ['29 February of 2000', '2000-02-29T00:00:00Z', new Date(Date.UTC(2000, 1, 29))],
    ['the last second of a day', '2026-12-31T23:59:59Z', new Date('2026-12-31T23:59:59Z')],
    ['milliseconds', instant.getTime(), instant],
    ['milliseconds as digits', String(instant.getTime()), instant],
    ['the least that cannot be seconds', 1e11, new Date(1e11)],
    ['the Unix epoch as a Date', new Date(0), new Date(0)],
    ['the Unix epoch as text', '1970-01-01T00:00:00Z', new Date(0)],
    ['the first year', '0001-01-01T00:00:00Z', new Date('0001-01-01T00:00:00Z')],
  ])('takes %s', (_, issued_at, expected) => {
    expect(parseCredentials({ issued_at }).issued_at).toEqual(expected);
  });

  test.each([
    ['an Invalid Date', new Date(NaN)],
    ['a date without time', '2026-07-01'],
    ['a date-time without offset', '2026-07-01T10:00:00'],
    ['a date-time with a fraction and no offset', '2026-07-01T10:00:00.123'],
    ['an offset without colon', '2026-07-01T10:00:00+0200'],
    ['an offset of hours alone', '2026-07-01T10:00:00+02'],
    ['no seconds', '2026-07-01T10:00Z'],
    ['30 February', '2026-02-30T00:00:00Z'],
    ['29 February of no leap year', '2026-02-29T00:00:00Z'],
    ['29 February of 1900', '1900-02-29T00:00:00Z'],
    ['31 April', '2026-04-31T00:00:00Z'],
    ['month 13', '2026-13-01T00:00:00Z'],
    ['month 0', '2026-00-01T00:00:00Z'],
    ['day 0', '2026-01-00T00:00:00Z'],
    ['day 32', '2026-01-32T00:00:00Z'],
    ['24:00', '2026-07-01T24:00:00Z'],
    ['minute 60', '2026-07-01T10:60:00Z'],
    ['second 61', '2026-07-01T10:00:61Z'],
    ['offset 24:00', '2026-07-01T10:00:00+24:00'],
    ['offset minute 60', '2026-07-01T10:00:00+02:60'],
    ['a Date as String() shows it', String(instant)],
    ['a Date as HTTP spells it', instant.toUTCString()],
    ['no digits', 'yesterday'],
    ['an empty string', ''],
    ['spaces around', ' 2026-07-01T10:00:00Z '],
    ['a line feed at the end', '2026-07-01T10:00:00Z\n'],
    ['digits and a line feed', '1767225600000\n'],
    ['digits of another script', '١٧٦٧٢٢٥٦٠٠٠٠٠'],
    ['a negative number as text', '-1767225600000'],
    ['hexadecimal', '0x19b7c8f4c00'],
    ['an exponent', '1.7e12'],
    ['seconds', 1_767_225_600],
    ['seconds as digits', '1767225600'],
    ['zero', 0],
    ['a negative number', -1e12],
    ['one less than can be milliseconds', 1e11 - 1],
    ['NaN', NaN],
    ['Infinity', Infinity],
    ['more than a Date can hold', 8.64e15 + 1],
    ['more digits than a Date can hold', '9'.repeat(30)],
    ['a boolean', true],
    ['a bigint', 1_767_225_600_000n],
    ['a sixtieth second in the middle of a day', '2016-12-31T22:59:60Z'],
    ['a sixtieth second at local midnight', '2016-12-31T23:59:60+01:00'],
    ['an array', ['2026-07-01T10:00:00Z']],
    ['an object', { valueOf: () => 1_767_225_600_000 }],
    ['year -0, which ECMAScript forbids', '-000000-01-01T00:00:00Z'],
  ])('refuses %s', (_, issued_at) => {
    expect(refusalOf({ issued_at }).member).toBe('issued_at');
  });

  test('says what a small number looks like', () => {
    for (const issued_at of [1_767_225_600, '1767225600']) {
      expect(refusalOf({ issued_at }).message).toContain('seconds');
    }
  });

  test.each([-8.64e15, 8.64e15, Date.UTC(10_000, 0, 1), Date.parse('-000001-01-01T00:00:00Z')])(
    'a Date of %d, whose year takes six digits, goes there and back as JSON',
    (time) => {
      const { issued_at } = parseCredentials({ issued_at: new Date(time) });
      expect(issued_at?.getTime()).toBe(time);
      const wire: unknown = JSON.parse(JSON.stringify({ issued_at }));
      expect(parseCredentials(wire).issued_at?.getTime()).toBe(time);
    },
  );

  test('a Date of another realm is a Date of this one', () => {
    const { issued_at } = parseCredentials(runInNewContext('({ issued_at: new Date(1e12) })'));
    expect(issued_at).toBeInstanceOf(Date);
    expect(issued_at?.getTime()).toBe(1e12);
  });

  test('what only claims to be a Date is refused or read safely', () => {
    const impostors = [
      { [Symbol.toStringTag]: 'Date', getTime: () => 1e12 },
      Object.create(Date.prototype) as unknown,
      Object.assign(Object.create(null) as object, { [Symbol.toStringTag]: 'Date' }),
    ];
    for (const issued_at of impostors) expect(refusalOf({ issued_at }).member).toBe('issued_at');
  });
});

describe('expires_in', () => {
  test.each([
    [0, 0],
    [1, 1],
    [3600, 3600],
    [100 * 365 * DAY, 100 * 365 * DAY],
    [8.64e12, 8.64e12],
    ['3599', 3599],
    ['0', 0],
    ['007', 7],
    [null, null],
    [-0, 0],
    [0.5, 0],
    [3599.9, 3599],
    [8.64e12 - 0.5, 8.64e12 - 1],
  ])('takes %s', (expires_in, expected) => {
    expect(parseCredentials({ expires_in }).expires_in).toBe(expected);
  });

  test.each([
    -1,
    '-1',
    -0.5,
    '3599.5',
    NaN,
    Infinity,
    -Infinity,
    8.64e12 + 1,
    '8640000000001',
    Number.MAX_SAFE_INTEGER,
    '9'.repeat(400),
    '',
    ' ',
    '3599 ',
    '3599\n',
    '+3599',
    '1e3',
    '0x10',
    'NaN',
    'never',
    '177:05:38',
    true,
    3600n,
    [3600],
    ['3600'],
    {},
    new Date(),
  ])('refuses %o', (expires_in) => {
    expect(refusalOf({ expires_in }).member).toBe('expires_in');
  });

  test('is refused where the expiry overflows Date, and not one second before', () => {
    const issued_at = new Date(8.64e15 - 3_600_000);
    expect(parseCredentials({ issued_at, expires_in: 3600 }).expires_in).toBe(3600);
    expect(refusalOf({ issued_at, expires_in: 3601 })).toBeInstanceOf(InvalidCredentialsError);
  });

  test('takes the longest lifetime without a time of issue', () => {
    expect(parseCredentials({ expires_in: 8.64e12, issued_at: null }).expires_in).toBe(8.64e12);
  });
});

describe('tokens', () => {
  test.each([1, true, {}, [], new Date(), 1n, ['synthetic-access-token']])('%o is no token', (value) => {
    expect(refusalOf({ access_token: value }).member).toBe('access_token');
    expect(refusalOf({ refresh_token: value }).member).toBe('refresh_token');
  });

  test('that are empty count as omitted', () => {
    expect(parseCredentials({ access_token: '', refresh_token: '', scope: '' })).toStrictEqual({ scope: '' });
  });

  test.each([
    ['access_token', 'accessToken', { refresh_token: 'synthetic-refresh-token' }],
    ['access_token', 'accessToken', { access_token: '' }],
    ['refresh_token', 'refreshToken', { access_token: 'synthetic-access-token' }],
    ['refresh_token', 'refreshToken', { access_token: 'synthetic-access-token', refresh_token: '' }],
  ])('%s spelled %s is refused with a hint where it is missing', (token, spelling, rest) => {
    const refusal = refusalOf({ ...rest, [spelling]: 'secret-in-a-member' });
    expect(refusal.member).toBe(spelling);
    expect(refusal.message).toContain(token);
    expect(refusal.message).not.toContain('secret-in-a-member');
  });

  test('in another spelling beside the right one are members like any other', () => {
    const input = { access_token: 'a', accessToken: 'b', refresh_token: null, refreshToken: 'c' };
    expect(parseCredentials(input)).toStrictEqual(input);
  });

  test('of any length and any characters are kept as they are', () => {
    for (const token of ['x', 'é\u{1f511}\n', '='.repeat(100_000), '"quoted" \\ back', ' spaced ']) {
      expect(parseCredentials({ access_token: token, refresh_token: token })).toEqual({
        access_token: token,
        refresh_token: token,
      });
    }
  });
});

describe('the input as a whole', () => {
  class Session {
    access_token = 'synthetic-access-token';
  }

  test.each([
    ['undefined', undefined],
    ['null', null],
    ['a string', '{"access_token":"synthetic-access-token"}'],
    ['a number', 1],
    ['a boolean', true],
    ['a symbol', Symbol('credentials')],
    ['a function', Object.assign(() => {}, { access_token: 'synthetic-access-token' })],
    ['an array', [{ access_token: 'synthetic-access-token' }]],
    ['an empty array', []],
    ['a class instance', new Session()],
    ['an object with an odd prototype', Object.create({ access_token: 'synthetic-access-token' })],
    ['a Map', new Map([['access_token', 'synthetic-access-token']])],
    ['a Set', new Set()],
    ['a Date', new Date()],
    ['an Error', new Error('failed')],
    ['URLSearchParams', new URLSearchParams({ access_token: 'synthetic-access-token' })],
    ['bytes', new Uint8Array(4)],
    ['a Map of another realm', runInNewContext('new Map()')],
    ['an array of another realm', runInNewContext('[]')],
    ['a class instance of another realm', runInNewContext('new (class Session {})()')],
  ])('is refused when it is %s', (_, input) => {
    expect(refusalOf(input).member).toBeUndefined();
  });

  test.each([
    ['a promise', Promise.resolve({})],
    ['a promise of another realm', runInNewContext('Promise.resolve({})')],
  ])('is refused with a hint when it is %s', (_, input) => {
    expect(refusalOf(input).message).toMatch(/await/);
  });

  test('is taken without a prototype, and from another realm', () => {
    const bare = Object.assign(Object.create(null) as object, { access_token: 'synthetic-access-token' });
    expect(parseCredentials(bare)).toEqual({ access_token: 'synthetic-access-token' });
    expect(
      parseCredentials(runInNewContext('({ access_token: "synthetic-access-token", list: [{ a: 1 }] })')),
    ).toEqual({
      access_token: 'synthetic-access-token',
      list: [{ a: 1 }],
    });
  });

  test('leaves out what is inherited, not enumerable or named by a symbol', () => {
    const input = { access_token: 'synthetic-access-token', [Symbol('extra')]: 1 };
    Object.defineProperty(input, 'hidden', { value: 1, enumerable: false });
    // What is added has it shown without its tokens.
    const added = ['toString', Symbol.for('nodejs.util.inspect.custom')];
    expect(Reflect.ownKeys(parseCredentials(input))).toEqual(['access_token', ...added]);
  });
});

describe('other members', () => {
  test('are kept verbatim: arrays, nested objects, nested Dates, id tokens', () => {
    const input = {
      access_token: 'synthetic-access-token',
      scope: ['openid', 'offline_access'],
      id_token: 'a.b.c',
      nested: { deep: { when: new Date(5), list: [1, null, 'x', { y: true }] } },
      maximum: Number.MAX_SAFE_INTEGER,
      nothing: null,
    };
    const credentials = parseCredentials(input);
    expect(credentials).toStrictEqual(input);
    expect((credentials['nested'] as typeof input.nested).deep.when).toBeInstanceOf(Date);
  });

  test('lose functions, symbols and names that reach a prototype, at every level', () => {
    const input: unknown = JSON.parse(
      '{"access_token":"x","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"prototype":1,' +
        '"list":[{"__proto__":{"polluted":1},"constructor":1,"kept":1}],' +
        '"nested":{"__proto__":{"polluted":1},"constructor":1,"prototype":1,"kept":{"constructor":1,"kept":2}}}',
    );
    Object.assign((input as { nested: object }).nested, { method() {}, symbol: Symbol('x'), big: 1 });
    const credentials = parseCredentials(input);
    expect(credentials).toStrictEqual({
      access_token: 'x',
      list: [{ kept: 1 }],
      nested: { kept: { kept: 2 }, big: 1 },
    });
    expect(Object.getOwnPropertyNames(credentials)).not.toContain('__proto__');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect((credentials['nested'] as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('become plain where they are class instances, with their Dates', () => {
    class Account {
      readonly id = 1;
      readonly since = new Date(7);
      rename(): void {}
      get name(): string {
        return 'not own';
      }
    }
    const { account } = parseCredentials({ account: new Account() });
    expect(account).toStrictEqual({ id: 1, since: new Date(7) });
    expect(Object.getPrototypeOf(account)).toBe(Object.prototype);
  });

  test.each([
    [
      'an object in itself',
      () => {
        const circle: Record<string, unknown> = {};
        circle['again'] = { circle };
        return circle;
      },
    ],
    [
      'an array in itself',
      () => {
        const circle: unknown[] = [];
        circle.push([circle]);
        return circle;
      },
    ],
  ])('are refused, not followed for ever, when they hold %s', (_, make) => {
    expect(refusalOf({ access_token: 'synthetic-access-token', circle: make() }).member).toBe('circle');
  });

  test('are refused, not overflowed by, when the input holds itself', () => {
    const input: Record<string, unknown> = { access_token: 'synthetic-access-token' };
    input['self'] = input;
    expect(refusalOf(input).member).toBe('self');
  });

  test('may hold the same object twice', () => {
    const twice = { when: new Date(3) };
    expect(parseCredentials({ a: twice, b: [twice, twice] })).toEqual({ a: twice, b: [twice, twice] });
  });

  test('are refused when a nested Date is invalid', () => {
    expect(refusalOf({ nested: { when: new Date(NaN) } }).member).toBe('nested');
  });

  test('are refused, not overflowed by, when they are nested too deep', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 100_000; level += 1) deep = { deep };
    expect(refusalOf({ deep }).member).toBe('deep');
  });

  test('are taken up to 100 levels, and given back by every read; not beyond', async () => {
    const nested = (levels: number): unknown => {
      let deep: unknown = 1;
      for (let level = 0; level < levels; level += 1) deep = level % 2 ? { deep } : [deep];
      return deep;
    };
    const entry = createCredentialStore({ storage: memoryBackend() }).entry();
    const credentials = { access_token: 'synthetic-access-token', deep: nested(100) };
    await entry.set(credentials);
    expect(await entry.get()).toEqual(credentials);
    for (const levels of [101, 2000]) {
      const refused = entry.set({ access_token: 'synthetic-access-token', deep: nested(levels) });
      await expect(refused).rejects.toThrow(InvalidCredentialsError);
    }
  });

  test('are refused when shared references or an endless list stand for more values than fit', () => {
    let bomb: unknown = ['x'];
    for (let level = 0; level < 60; level += 1) bomb = [bomb, bomb];
    expect(refusalOf({ bomb }).member).toBe('bomb');
    const endless = { *[Symbol.iterator]() { for (;;) yield 1; } }; // prettier-ignore
    expect(refusalOf({ endless }).member).toBe('endless');
  });

  test('are refused, not thrown by, when they can not be read', () => {
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    const hostile = { get access_token(): string { throw new Error('secret-in-a-getter'); } }; // prettier-ignore
    expect(refusalOf(revoked.proxy)).toBeInstanceOf(InvalidCredentialsError);
    expect(refusalOf({ nested: revoked.proxy }).member).toBe('nested');
    expect(refusalOf(hostile).message).not.toContain('secret');
  });
});

describe('what comes out', () => {
  test('shares nothing with what went in', () => {
    const original = everyKind();
    const credentials = parseCredentials(original);
    original.issued_at.setTime(0);
    original.nested.list[0]?.when.setTime(0);
    original.nested.list.push({ when: new Date() });
    expect(credentials).toEqual(everyKind());
  });

  test('is frozen in depth, what went in is not', () => {
    const original = everyKind();
    const credentials = parseCredentials(original);
    const nested = credentials['nested'] as ReturnType<typeof everyKind>['nested'];
    for (const part of [credentials, nested, nested.list, nested.list[0]])
      expect(Object.isFrozen(part)).toBe(true);
    expect(Object.isFrozen(original)).toBe(false);
    expect(Object.isFrozen(original.nested)).toBe(false);
    expect(() => Object.assign(credentials, { access_token: 'other' })).toThrow(TypeError);
  });

  test('is plain', () => {
    expect(Object.getPrototypeOf(parseCredentials(Object.create(null)))).toBe(Object.prototype);
  });

  test('is a copy even of what came out before', () => {
    const first = parseCredentials(everyKind());
    const second = parseCredentials(first);
    expect(second).toStrictEqual(first);
    expect(second).not.toBe(first);
    expect(second.issued_at).not.toBe(first.issued_at);
  });

  test('is the wire form as JSON', () => {
    expect(
      JSON.stringify(
        parseCredentials({ access_token: 'x', issued_at: '2026-01-01T00:00:00Z', expires_in: '60' }),
      ),
    ).toBe('{"access_token":"x","issued_at":"2026-01-01T00:00:00.000Z","expires_in":60}');
  });
});

describe('a refusal', () => {
  test.each([
    ['access_token', { access_token: ['secret-in-a-list'] }],
    ['refresh_token', { refresh_token: { secret: 'secret-in-a-list' } }],
    ['issued_at', { access_token: 'secret-in-a-list', issued_at: 'secret-in-a-list' }],
    ['expires_in', { access_token: 'secret-in-a-list', expires_in: 'secret-in-a-list' }],
    [undefined, ['secret-in-a-list']],
    [undefined, 'secret-in-a-list'],
  ])('of %s says the member and not the value, however it is shown', (member, payload) => {
    const refusal = refusalOf(payload);
    expect(refusal).toBeInstanceOf(InvalidCredentialsError);
    expect(refusal.member).toBe(member);
    if (member) expect(refusal.message).toContain(member);
    for (const shown of [
      refusal.message,
      String(refusal),
      refusal.stack,
      inspect(refusal, { depth: 10 }),
      JSON.stringify(refusal),
    ]) {
      expect(shown).not.toContain('secret-in-a-list');
    }
  });

  test('does not show the name of a member that could be a secret itself', () => {
    const refusal = refusalOf({ 'a-strange-name': new Date(NaN) });
    expect(refusal.member).toBe('a-strange-name');
  });
});

function everyKind() {
  return {
    access_token: 'synthetic-access-token',
    issued_at: new Date(1e12),
    nested: { list: [{ when: new Date(1) }] },
  };
}
