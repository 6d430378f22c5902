import { InvalidCredentialsError } from '../errors/InvalidCredentialsError.js';
import { isPromise } from '../store/isPromise.js';
import { concealTokens } from './concealTokens.js';
import { copyPlain, deepFreeze, isPlainObject, keepableEntries, UncopyableError } from './copyPlain.js';
import type { Credentials } from './Credentials.js';
import { parseInstant } from './parseInstant.js';

const longestLifetime = 8.64e12;
const latestInstant = 8.64e15;

/** Other spellings of the tokens, in which they would be kept and never used. */
const spellings = [
  ['access_token', 'accessToken'],
  ['refresh_token', 'refreshToken'],
] as const;

const expected: Record<string, string> = {
  access_token: 'a string',
  refresh_token: 'a string, or null for "has none"',
  issued_at:
    'a Date, an RFC 3339 date-time with offset, or milliseconds since the epoch (below 1e11 looks like seconds)',
  expires_in: 'whole seconds up to 8.64e12 that end within the range of Date, or null for "never"',
};

/** The value of a member in its one spelling; `undefined` where it is not taken. */
function parseMember(name: string, value: unknown): unknown {
  if (!Object.hasOwn(expected, name)) return copyPlain(value);
  if (value === null) return name === 'access_token' ? undefined : null;
  if (name === 'issued_at') {
    const instant = parseInstant(value);
    return Number.isNaN(instant) ? undefined : new Date(instant);
  }
  if (name === 'expires_in') {
    const seconds = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
    if (typeof seconds !== 'number') return undefined;
    return seconds >= 0 && seconds <= longestLifetime ? Math.floor(seconds) + 0 : undefined;
  }
  return typeof value === 'string' ? value : undefined;
}

const refusal = (member: string | undefined, wanted: string): InvalidCredentialsError =>
  new InvalidCredentialsError(`${member ?? 'Credentials'}: expected ${wanted}.`, { member });

/** The members of what is to become credentials. Whatever may be handed in: a proxy or a getter may throw. */
function membersOf(input: unknown): [string, unknown][] {
  let hint = '';
  try {
    if (isPlainObject(input)) return keepableEntries(input);
    if (isPromise(input)) hint = ', got a promise (did you forget await?)';
  } catch {
    hint = ' that can be read';
  }
  throw refusal(undefined, `a plain object${hint}`);
}

/** Hands out a copy that its holder may do with as they like: nothing of ours reads it again. */
export function handOut(credentials: Credentials): Credentials {
  return deepFreeze(concealTokens(parseMembers(credentials)));
}

/**
 * Like `parseCredentials`, but not frozen, and where `tolerate` is given a member that is unusable counts as
 * omitted and is told to it, except for `access_token`: an odd lifetime must never cost a rotated refresh token.
 */
export function parseMembers(
  input: unknown,
  tolerate?: (error: InvalidCredentialsError) => void,
): Credentials {
  const credentials: Credentials = {};
  const keep = (
    name: string,
    parse: () => unknown,
    wanted = expected[name] ?? 'a value that can be copied',
  ): void => {
    try {
      const value = parse();
      if (value !== undefined) {
        credentials[name] = value;
        return;
      }
    } catch (error) {
      if (error instanceof UncopyableError) wanted = error.message;
    }
    const error = refusal(name, wanted);
    if (!tolerate || name === 'access_token') throw error;
    delete credentials[name];
    tolerate(error);
  };
  for (const [name, value] of membersOf(input)) {
    // There is no empty token (RFC 6749 A.12, A.17).
    if (value === '' && spellings.some(([token]) => token === name)) continue;
    keep(name, () => parseMember(name, value));
  }
  for (const [token, spelling] of spellings) {
    if (credentials[token] === undefined && spelling in credentials)
      keep(spelling, () => undefined, `the spelling ${token}`);
  }
  const { issued_at, expires_in } = credentials;
  if (issued_at && expires_in && issued_at.getTime() + expires_in * 1000 > latestInstant)
    keep('expires_in', () => undefined);
  return credentials;
}

/**
 * Checks and copies credentials from anywhere: the one border that everything passes before a write and after a read.
 *
 * Takes a plain (or null-prototype) object. `issued_at` may be a `Date`, an RFC 3339 date-time with offset, or
 * milliseconds since the epoch as number or digit string; `expires_in` seconds as number, whose fraction is dropped,
 * or digit string. An empty token counts as omitted. Unknown members are kept, up to 100 levels and 100,000 values
 * each, except functions, symbols, `undefined`, and members named `__proto__`, `constructor` or `prototype`; but
 * `accessToken` and `refreshToken` are refused where the token in its standard spelling is missing. The result is
 * deeply frozen, and shown without its tokens where it is logged.
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
  return deepFreeze(concealTokens(parseMembers(input)));
}
