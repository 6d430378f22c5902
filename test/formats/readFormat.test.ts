import { describe, expect, test } from 'vitest';
import { formats, readFormat, type FormatName } from '../../src/formats/index.js';
import { expiryOf } from '../../src/index.js';
import { samples } from './samples.js';

test('there is a sample of each format', () => {
  expect(samples.map(({ format }) => format)).toEqual(formats.map(({ name }) => name));
});

describe.each(samples)('$format', ({ format, input, credentials, unknown, expiresAt }) => {
  test('is known by its shape, and read alike by its name', () => {
    const read = readFormat(structuredClone(input));
    expect(read).toMatchObject({ format, unknown, credentials });
    expect(
      Object.keys(read.credentials)
        .filter((name) => !(name in credentials))
        .toSorted(),
    ).toEqual(expiresAt && !('expires_in' in credentials) ? ['expires_in', 'issued_at'] : []);
    expect(readFormat(structuredClone(input), format)).toMatchObject({ format, unknown, credentials });
  });

  test('tells the expiry to the millisecond, or none: then the credentials queue for refresh', () => {
    const read = readFormat(input).credentials;
    expect(expiryOf(read).expiresAt?.toISOString()).toBe(expiresAt);
    if (!expiresAt) expect(expiryOf(read).status).toBe('queued');
  });

  test('takes a time of issue for one it does not say', () => {
    const issuedAt = new Date('2099-12-31T23:00:00.500Z');
    const read = readFormat(input, format, { issuedAt });
    const saysIssue = !unknown.includes('issued_at');
    expect(read.credentials.issued_at).toEqual(saysIssue ? credentials.issued_at : issuedAt);
    expect(read.unknown).toEqual(unknown.filter((member) => member !== 'issued_at'));
  });
});

describe('a time', () => {
  test.each<[FormatName, Record<string, unknown>]>([
    ['google', { expiry_date: 1_700_000_000 }],
    ['google', { expiry_date: 'tomorrow' }],
    ['google', { expiry_date: NaN }],
    ['aws-sso', { accessToken: 'a', expiresAt: '2100-01-01T00:00:00' }],
    ['supabase', { expires_at: 1_700_000_000_000 }],
    ['supabase', { expires_at: -1 }],
    ['auth0', { body: { access_token: 'a' }, expiresAt: Infinity }],
    ['azure-v1', { expires_on: '09/14/2017 00:00:00 PM +00:00' }],
    ['expires-at', { expires_at: '30 February' }],
    ['expires-at', { expires_at: 1e300 }],
    ['expires-at', { expires_at: {} }],
  ])('that is none is refused, with its member and what was expected: %s %o', (format, difference) => {
    const whole = { access_token: 'a', refresh_token: 'r', user: {}, ...difference };
    expect(() => readFormat(whole, format)).toThrow(
      expect.objectContaining({
        name: 'InvalidCredentialsError',
        member: expect.stringMatching(/^expir/),
        message: expect.stringContaining('expected'),
      }),
    );
  });

  test.each([4102444800, '4102444800', 4102444800000, '2100-01-01T00:00:00Z', new Date(4102444800000)])(
    'of expires-at may be any of: %s',
    (expires_at) => {
      const { credentials } = readFormat({ access_token: 'a', expires_at }, 'expires-at');
      expect(expiryOf(credentials).expiresAt).toEqual(new Date(4102444800000));
    },
  );

  test('that has passed makes credentials that have expired then, not earlier', () => {
    const { credentials } = readFormat({ access_token: 'a', expires_at: 1577836800 });
    expect(credentials).toMatchObject({ issued_at: new Date(1577836800000), expires_in: 0 });
    expect(expiryOf(credentials).status).toBe('expired');
  });

  test('that is not there is unknown', () => {
    for (const expiry_date of [null, undefined]) {
      const { credentials, unknown } = readFormat({ access_token: 'a', expiry_date }, 'google');
      expect(unknown).toEqual(['issued_at', 'expires_in']);
      expect(credentials).toEqual({ access_token: 'a' });
    }
  });

  test('beside "never expires" says nothing', () => {
    const { credentials } = readFormat({ access_token: 'a', expires_in: null, expires_at: 4102444800 });
    expect(expiryOf(credentials)).toMatchObject({ status: 'fresh', expiresAt: null });
  });
});

describe('what does not fit', () => {
  const messageOf = (input: unknown, format?: FormatName): string => {
    try {
      readFormat(input, format);
    } catch (error) {
      expect(error).toMatchObject({ name: 'InvalidCredentialsError' });
      return (error as Error).message;
    }
    return expect.unreachable();
  };

  test('a named format is told with what was expected, what was found, and the nearest', () => {
    expect(messageOf({ access_token: 'token-0000', token_type: 'Bearer' }, 'supabase')).toBe(
      'Expected the format "supabase": access_token, refresh_token and user. ' +
        'Found an object with access_token, token_type. ' +
        'The nearest is "oauth": access_token and token_type, without another time than expires_in.',
    );
  });

  test('any format is told so', () => {
    const message = messageOf({ accessToken: 'token-0000', region: 'x', foo: 1, 'a.b': 2 });
    expect(message).toContain('Found an object with accessToken, region, foo, 1 of other names.');
    expect(message).toContain('The nearest is "aws-sso": accessToken and expiresAt');
    expect(message).not.toContain('token-0000');
    expect(messageOf({ error: 'invalid_grant' })).not.toContain('nearest');
    expect(messageOf({})).toContain('an object without members');
  });

  test('one format only is told with all it fits', () => {
    const clasp = { type: 'authorized_user', client_id: 'c', client_secret: 's', refresh_token: 'r' };
    expect(messageOf({ ...clasp, access_token: 'a', expiry_date: 4102444800000 })).toContain(
      'which fits the formats "google" and "gcloud-adc": name the one it is',
    );
    const both = { access_token: 'a', refresh_token: 'r', expires_at: 4102444800, user: {}, profile: {} };
    expect(messageOf(both)).toContain('"oidc-client-ts" and "supabase"');
    expect(readFormat(both, 'supabase').format).toBe('supabase');
  });

  test.each([
    [null, 'null'],
    [undefined, 'type undefined'],
    [[1], 'an array'],
    ['{"access_token":"token-0000"}', 'JSON.parse'],
    [new Map(), 'not plain'],
    [1, 'type number'],
  ])('%o is told as %s', (input, found) => {
    expect(messageOf(input)).toContain(found);
    expect(messageOf(input)).not.toContain('token-0000');
  });

  test('what can not be copied is refused, and what its getters throw is not told', () => {
    const circular: Record<string, unknown> = { access_token: 'a' };
    circular['self'] = circular;
    expect(messageOf(circular)).toContain('can be copied');
    const trap = {
      get access_token(): string {
        throw new Error('token-0000');
      },
    };
    expect(messageOf(trap)).not.toContain('token-0000');
  });

  test('a token of the wrong type is refused by the border, which names it', () => {
    expect(() => readFormat({ access_token: 'a', token_type: 'b', refresh_token: 7 })).toThrow(
      expect.objectContaining({ member: 'refresh_token' }),
    );
  });
});

describe('a format that is unknown, or an option of the wrong type, is a TypeError', () => {
  test.each([
    ['gogle', 'google'],
    ['supabas', 'supabase'],
    ['simpleoauth2', 'simple-oauth2'],
    ['mcb', 'mcp'],
  ])('"%s", and the nearest is "%s"', (name, nearest) => {
    const read = (): unknown => readFormat({}, name as FormatName);
    expect(read).toThrow(TypeError);
    expect(read).toThrow(`must be one of ${formats.map((format) => format.name).join(', ')}.`);
    expect(read).toThrow(`The nearest is "${nearest}".`);
  });

  test('a token in its place is not told', () => {
    for (const name of ['token-0000', 7, {}, null]) {
      const read = (): unknown => readFormat({}, name as FormatName);
      expect(read).toThrow(TypeError);
      expect(read).not.toThrow('token-0000');
    }
  });

  test.each([new Date(NaN), '2020', 0])('issuedAt: %o', (issuedAt) => {
    expect(() => readFormat({}, 'apideck', { issuedAt: issuedAt as Date })).toThrow('"issuedAt"');
  });
});
