import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { parse, stringify } from 'superjson';
import { describe, expect, test } from 'vitest';
import { parseCredentials } from '../../src/credentials/parseCredentials.js';
import { InvalidCredentialsError } from '../../src/errors/InvalidCredentialsError.js';

const secret = 'synthetic-secret-7f3a';
const instant = fc.date({
  min: new Date('0001-01-01T00:00:00Z'),
  max: new Date('9999-12-31T23:59:59Z'),
  noInvalidDate: true,
});
const lifetime = fc.integer({ min: 0, max: 100 * 365 * 86_400 });

const members = fc.dictionary(
  fc.string().filter((name) => !['access_token', 'refresh_token', 'issued_at', 'expires_in'].includes(name)),
  fc.anything({ withDate: true, withNullPrototype: true, maxDepth: 3 }).filter(isKeepable),
);

const credentialsInputs = fc
  .tuple(
    fc.record(
      {
        access_token: fc.string(),
        refresh_token: fc.option(fc.string()),
        issued_at: fc.option(
          fc.oneof(
            instant,
            instant.map((date) => date.toISOString()),
            fc.integer({ min: 1e11, max: 4e12 }),
            fc.integer({ min: 1e11, max: 4e12 }).map(String),
          ),
        ),
        expires_in: fc.option(fc.oneof(lifetime, lifetime.map(String))),
      },
      { requiredKeys: [] },
    ),
    members,
  )
  .map(([known, others]) => ({ ...others, ...known }));

describe('for any credentials', () => {
  test('parsing what was parsed changes nothing', () => {
    fc.assert(
      fc.property(credentialsInputs, (input) => {
        const once = parseCredentials(input);
        expect(parseCredentials(once)).toStrictEqual(once);
      }),
      { numRuns: 500 },
    );
  });

  test('superjson gives them back as they were', () => {
    fc.assert(
      fc.property(credentialsInputs, (input) => {
        const credentials = parseCredentials(input);
        const back = parseCredentials(parse(stringify(credentials)));
        expect(back).toStrictEqual(credentials);
      }),
      { numRuns: 500 },
    );
  });

  test('the wire form is read as the same known members', () => {
    fc.assert(
      fc.property(credentialsInputs, (input) => {
        const { access_token, refresh_token, issued_at, expires_in } = parseCredentials(input);
        const wire: unknown = JSON.parse(
          JSON.stringify({ access_token, refresh_token, issued_at, expires_in }),
        );
        const known = Object.entries({ access_token, refresh_token, issued_at, expires_in });
        expect(parseCredentials(wire)).toStrictEqual(
          Object.fromEntries(known.filter(([, value]) => value !== undefined)),
        );
      }),
      { numRuns: 500 },
    );
  });

  test('what comes out is frozen at every level', () => {
    fc.assert(
      fc.property(credentialsInputs, (input) => {
        expect(everyPart(parseCredentials(input)).every((part) => Object.isFrozen(part))).toBe(true);
      }),
    );
  });
});

describe('for anything at all', () => {
  test('the outcome is credentials or a refusal, quickly', () => {
    fc.assert(
      fc.property(
        fc.anything({ withDate: true, withMap: true, withSet: true, withBigInt: true }),
        (input) => {
          try {
            parseCredentials(input);
          } catch (error) {
            expect(error).toBeInstanceOf(InvalidCredentialsError);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('a refusal never shows a value', () => {
    const wrong = fc.oneof(
      fc.constant(secret),
      fc.string().map((text) => secret + text),
      fc.constant([secret]),
      fc.constant({ secret }),
      fc.constant(() => secret),
      fc.constant(new Error(secret)),
    );
    const wrongly = fc.oneof(
      fc.record({ access_token: fc.oneof(fc.constant([secret]), fc.constant({ secret })) }),
      fc.record({ access_token: fc.constant(secret), issued_at: wrong }),
      fc.record({ access_token: fc.constant(secret), expires_in: wrong }),
      fc.record({ access_token: fc.constant(secret), refresh_token: fc.constant([secret]) }),
      fc.constant([secret]),
      fc.constant(secret),
      fc.constant(new Map([[secret, secret]])),
      fc.constant(Object.assign(Promise.resolve(secret), { secret })),
    );
    fc.assert(
      fc.property(wrongly, (input) => {
        let refused: unknown;
        try {
          parseCredentials(input);
        } catch (error) {
          refused = error;
        }
        // A function is dropped, so it does not count as a wrong one.
        if (refused === undefined) return;
        expect(refused).toBeInstanceOf(InvalidCredentialsError);
        const { message, stack } = refused as InvalidCredentialsError;
        for (const shown of [
          message,
          stack,
          inspect(refused, { depth: 20, showHidden: true }),
          JSON.stringify(refused),
        ]) {
          expect(shown).not.toContain(secret);
        }
      }),
    );
  });

  test('any digits or time that a host would make a Date of are taken exactly or refused', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.stringMatching(/^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)?$/),
        ),
        (issued_at) => {
          let parsed: Date | null | undefined;
          try {
            parsed = parseCredentials({ issued_at }).issued_at;
          } catch (error) {
            expect(error).toBeInstanceOf(InvalidCredentialsError);
            return;
          }
          if (/^\d+$/.test(issued_at)) return;
          const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)/.exec(issued_at) ?? [];
          const offset = /([+-])(\d\d):(\d\d)$/.exec(issued_at);
          const minutes = offset ? Number(`${offset[1]}1`) * (Number(offset[2]) * 60 + Number(offset[3])) : 0;
          const local = new Date((parsed?.getTime() ?? NaN) + minutes * 60_000);
          expect([local.getUTCFullYear(), local.getUTCMonth() + 1, local.getUTCDate()]).toEqual(
            [year, month, day].map(Number),
          );
        },
      ),
      { numRuns: 2000 },
    );
  });
});

function isKeepable(value: unknown): boolean {
  if (value instanceof Date) return !Number.isNaN(value.getTime());
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([, member]) => isKeepable(member));
}

function everyPart(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value, ...Object.values(value).flatMap(everyPart)];
}
