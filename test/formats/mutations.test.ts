import { inspect } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formats, readFormat, writeFormat, type FormatName } from '../../src/formats/index.js';
import type { Credentials } from '../../src/index.js';
import { samples } from './samples.js';

/** SOAK=1 asks for the long form. */
const numRuns = process.env['SOAK'] ? 100_000 : 10_000;

const secret = 'token-that-must-never-be-told-0123456789';
const names = [
  ...new Set(samples.flatMap(({ input }) => [...Object.keys(input), ...Object.keys(input['body'] ?? {})])),
];
const oddValues = fc.oneof(
  fc.constantFrom<unknown>(
    secret,
    '',
    null,
    undefined,
    NaN,
    Infinity,
    -1,
    -0,
    0,
    1e300,
    1e11,
    8.64e15,
    true,
    1n,
    Symbol('s'),
    () => secret,
    [secret],
    { access_token: secret },
    { [secret]: secret },
    new Date(NaN),
    new Date(0),
    new Map([[secret, secret]]),
    Promise.resolve(secret),
    Object.create(null),
    { toString: secret },
    '0',
    '1e3',
    '4102444800',
    '2100-01-01',
    '2100-01-01T00:00:00Z',
    '2100-02-30T00:00:00Z',
    'null',
  ),
  fc.anything(),
);
const mutation = fc.oneof(
  fc.record({
    kind: fc.constant('set'),
    name: fc.constantFrom(...names, secret, '__proto__', 'toString'),
    value: oddValues,
  }),
  fc.record({ kind: fc.constant('delete'), name: fc.constantFrom(...names), value: fc.constant(undefined) }),
  fc.record({ kind: fc.constant('throw'), name: fc.constantFrom(...names), value: fc.constant(undefined) }),
);
const mutated = fc
  .tuple(
    fc.constantFrom(...samples),
    fc.constantFrom(...samples),
    fc.array(mutation, { maxLength: 4 }),
    fc.nat(5),
  )
  .map(([sample, other, mutations, crossing]) => {
    const input: Record<string, unknown> = { ...(crossing === 0 ? other.input : {}), ...sample.input };
    for (const name of ['access_token', 'refresh_token', 'accessToken', 'refreshToken', 'client_secret'])
      if (name in input) input[name] = `${secret}-${name}`;
    for (const { kind, name, value } of mutations) {
      if (kind === 'delete') delete input[name];
      else
        Object.defineProperty(input, name, {
          enumerable: true,
          configurable: true,
          ...(kind === 'set'
            ? { value }
            : {
                get: () => {
                  throw new Error(secret);
                },
              }),
        });
    }
    return input;
  });
const anyFormat = fc.option(fc.constantFrom(...formats.map(({ name }) => name)), { nil: undefined });

/** What a call gives; `undefined` where it refuses, in the one way it may. */
function unlessRefused<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    expect(error).toMatchObject({ name: 'InvalidCredentialsError' });
    expect(`${inspect(error, { depth: 10 })} ${JSON.stringify(error)}`).not.toContain(secret);
    return undefined;
  }
}

test(
  `${numRuns} mutated inputs are read or refused, no token is told, and what is written is read alike`,
  { timeout: 600_000 },
  () => {
    let read = 0;
    let written = 0;
    const readAgain = (credentials: Credentials, format: FormatName): void => {
      const output = unlessRefused(() => writeFormat(credentials, format));
      if (output === undefined) return;
      written += 1;
      expect(readFormat(JSON.parse(JSON.stringify(output)), format).credentials).toEqual(credentials);
    };
    fc.assert(
      fc.property(mutated, anyFormat, anyFormat, (input, format, target) => {
        const result = unlessRefused(() => readFormat(input, format));
        if (!result) return;
        read += 1;
        readAgain(result.credentials, result.format);
        readAgain(result.credentials, target ?? 'apideck');
      }),
      { numRuns },
    );
    // Else the inputs would be too odd to show anything.
    expect(read).toBeGreaterThan(numRuns / 10);
    expect(written).toBeGreaterThan(numRuns / 100);
  },
);
