import { credentialsToJSON } from '@apideck/unify/models/components/connectionimportdata.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formats, readFormat, writeFormat, type FormatName } from '../../src/formats/index.js';
import type { Credentials } from '../../src/index.js';
import { samples } from './samples.js';

const issuedAt = new Date('2020-01-01T00:00:00Z');
const whole = { access_token: 'a', refresh_token: 'r', issued_at: issuedAt, expires_in: 3600 };
/** What some formats have always. */
const required: Partial<Record<FormatName, Record<string, unknown>>> = {
  'oidc-client-ts': { profile: { sub: 'ada' } },
  supabase: { user: { id: 'ada' } },
  salesforce: { instance_url: 'https://x.my.salesforce.com' },
};

describe('a format that is writable', () => {
  test.each(formats.filter(({ writable }) => writable))('$name keeps the whole of it', ({ name }) => {
    const credentials = { ...whole, ...required[name] };
    expect(readFormat(writeFormat(credentials, name), name)).toMatchObject({ credentials, unknown: [] });
  });

  test.each(samples)('$format is written as it was read, where all of it was said', (sample) => {
    const { format, input, credentials } = sample;
    const { writable } = formats.find(({ name }) => name === format)!;
    if (writable && format !== 'expires-at') expect(writeFormat(credentials, format)).toEqual(input);
  });
});

describe('a format that is not', () => {
  test.each(formats.filter(({ writable }) => !writable))(
    '$name says what it has no place for',
    ({ name }) => {
      expect(() => writeFormat({ ...whole, ...required[name] }, name)).toThrow(
        expect.objectContaining({
          name: 'InvalidCredentialsError',
          message: expect.stringMatching(/(can't say these credentials|can only be read): it /),
        }),
      );
    },
  );

  test.each<[FormatName, Credentials]>([
    ['oauth', { access_token: 'a', expires_in: 60, scope: 's' }],
    ['mcp', { access_token: 'a', expires_in: 60, issuer: 'https://accounts.example' }],
    ['google', { access_token: 'a', refresh_token: null }],
    ['gcloud-adc', { type: 'authorized_user', client_id: 'c', client_secret: 's', refresh_token: 'r' }],
    ['oidc-client-ts', { access_token: 'a', profile: {} }],
    ['salesforce', { access_token: 'a', instance_url: 'https://x', issued_at: issuedAt }],
  ])('%s is written where there is a place for everything', (name, credentials) => {
    expect(readFormat(writeFormat(credentials, name), name).credentials).toEqual(credentials);
  });
});

describe('what can not be said is named, and never its value', () => {
  test.each<[FormatName, Credentials, string]>([
    ['apideck', { ...whole, scope: 'value-0000' }, 'concerned: scope'],
    ['supabase', { ...whole, user: {}, issued_at: new Date(1_577_836_800_123) }, 'concerned: issued_at'],
    ['auth0', { ...whole, refresh_token: null }, 'concerned: refresh_token'],
    ['azure-v1', { ...whole, expires_in: null }, 'concerned: expires_in'],
    ['simple-oauth2', { ...whole, expires_at: 'value-0000' }, 'concerned: expires_at'],
    ['oauth', { access_token: 'a', when: issuedAt }, 'concerned: when'],
    ['oauth', { access_token: 'a', amount: 1n }, 'access_token'],
    ['oauth', { refresh_token: 'r' }, 'an access_token always'],
    ['supabase', whole, 'a user'],
    ['supabase', { ...whole, user: {}, issued_at: undefined } as never, 'a lifetime always'],
  ])('%s: %o', (format, credentials, said) => {
    expect(() => writeFormat(credentials, format)).toThrow(said);
    expect(() => writeFormat(credentials, format)).not.toThrow('value-0000');
  });

  test('credentials that are none are refused by the border', () => {
    expect(() => writeFormat({ access_token: 7 } as never, 'apideck')).toThrow(
      expect.objectContaining({ member: 'access_token' }),
    );
  });
});

describe("apideck, by Apideck's own library", () => {
  const arbitrary = fc.record(
    {
      access_token: fc.string({ minLength: 1 }),
      refresh_token: fc.option(fc.string({ minLength: 1 })),
      issued_at: fc.option(
        fc.date({ noInvalidDate: true, min: new Date('1980-01-01'), max: new Date('9999-01-01') }),
      ),
      expires_in: fc.option(fc.nat(1_000_000_000)),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<Credentials>;

  const inItsSpelling = ({ access_token, refresh_token, issued_at, expires_in }: Credentials) => ({
    ...(access_token !== undefined && { accessToken: access_token }),
    ...(refresh_token !== undefined && { refreshToken: refresh_token }),
    ...(issued_at !== undefined && { issuedAt: issued_at }),
    ...(expires_in !== undefined && { expiresIn: expires_in }),
  });

  test('is written as it writes it, to the byte', () => {
    fc.assert(
      fc.property(arbitrary, (credentials) => {
        const written = JSON.stringify(writeFormat(credentials, 'apideck'));
        expect(written).toBe(credentialsToJSON(inItsSpelling(credentials)));
      }),
      { numRuns: 1000 },
    );
  });

  test('is read from what it writes', () => {
    fc.assert(
      fc.property(arbitrary, (credentials) => {
        const text = credentialsToJSON(inItsSpelling(credentials));
        expect(readFormat(JSON.parse(text), 'apideck').credentials).toEqual(credentials);
      }),
      { numRuns: 1000 },
    );
  });
});
