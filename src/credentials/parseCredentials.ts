import { InvalidCredentialsError } from '../errors/InvalidCredentialsError.js';
import { copyPlain, deepFreeze, isPlainObject, keepableEntries, UncopyableError } from './copyPlain.js';
import type { Credentials } from './Credentials.js';
import { instantExpected, parseInstant } from './parseInstant.js';

const longestLifetime = 8.64e12;
const latestInstant = 8.64e15;
const lifetimeExpected = `a whole number of seconds from 0 to ${longestLifetime}, or null for "does not expire"`;

const refuse = (member: string | undefined, expected: string): never => {
  throw new InvalidCredentialsError(`${member ?? 'Credentials'}: expected ${expected}.`, { member });
};

const orNull =
  (parse: (value: unknown) => unknown) =>
  (value: unknown): unknown =>
    value === null ? null : parse(value);

const parsers = new Map<string, (value: unknown) => unknown>([
  ['access_token', (value) => (typeof value === 'string' ? value : refuse('access_token', 'a string'))],
  [
    'refresh_token',
    orNull((value) =>
      typeof value === 'string' ? value : refuse('refresh_token', 'a string, or null for "has none"'),
    ),
  ],
  [
    'issued_at',
    orNull((value) => {
      const instant = parseInstant(value);
      return Number.isNaN(instant) ? refuse('issued_at', instantExpected) : new Date(instant);
    }),
  ],
  [
    'expires_in',
    orNull((value) => {
      const seconds = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
      return Number.isInteger(seconds) && (seconds as number) >= 0 && (seconds as number) <= longestLifetime
        ? (seconds as number) + 0
        : refuse('expires_in', lifetimeExpected);
    }),
  ],
]);

/** Hands out a copy that its holder may do with as they like: nothing of ours reads it again. */
export function handOut(credentials: Credentials): Credentials {
  return deepFreeze(copyPlain(credentials) as Credentials);
}

/**
 * Like `parseCredentials`, but not frozen, and where `tolerate` is given a member that is unusable counts as
 * omitted and is told to it, except for the tokens themselves: an odd lifetime must never cost a rotated refresh token.
 */
export function parseMembers(
  input: unknown,
  tolerate?: (error: InvalidCredentialsError) => void,
): Credentials {
  if (!isPlainObject(input)) {
    const promise = typeof (input as PromiseLike<unknown> | null | undefined)?.then === 'function';
    return refuse(
      undefined,
      promise ? 'a plain object, got a promise; did you forget await?' : 'a plain object',
    );
  }
  const credentials: Credentials = {};
  const keep = (name: string, parse: () => unknown): void => {
    try {
      credentials[name] = parse();
    } catch (error) {
      const expected = error instanceof UncopyableError ? error.message : 'a value that can be copied';
      const refusal =
        error instanceof InvalidCredentialsError
          ? error
          : new InvalidCredentialsError(`${name}: expected ${expected}.`, { member: name });
      if (!tolerate || name === 'access_token' || name === 'refresh_token') throw refusal;
      delete credentials[name];
      tolerate(refusal);
    }
  };
  for (const [name, value] of keepableEntries(input))
    keep(name, () => (parsers.get(name) ?? copyPlain)(value));
  const { issued_at, expires_in } = credentials;
  if (issued_at && expires_in && issued_at.getTime() + expires_in * 1000 > latestInstant) {
    keep('expires_in', () => refuse('expires_in', 'a lifetime that ends within the range of Date'));
  }
  return credentials;
}

/**
 * Checks and copies credentials from anywhere: the one border that everything passes before a write and after a read.
 *
 * Takes a plain (or null-prototype) object. `issued_at` may be a `Date`, an RFC 3339 date-time with offset, or
 * milliseconds since the epoch as number or digit string; `expires_in` whole seconds as number or digit string.
 * Unknown members are kept, except functions, symbols, `undefined`, and members named `__proto__`, `constructor`
 * or `prototype`. The result is deeply frozen.
 *
 * @throws {InvalidCredentialsError} naming the member and what was expected, never the value.
 *
 * @example
 * ```ts
 * parseCredentials({ access_token: '…', issued_at: '2026-01-01T00:00:00Z', expires_in: '3599' });
 * // { access_token: '…', issued_at: Date, expires_in: 3599 }
 * ```
 */
export function parseCredentials(input: unknown): Credentials {
  return deepFreeze(parseMembers(input));
}
