import { parseInstant } from '../credentials/parseInstant.js';
import { InvalidCredentialsError } from '../errors/InvalidCredentialsError.js';
import type { Members } from './Format.js';

/** From here on a number can't be seconds: it would be the year 5138. */
const smallestMilliseconds = 1e11;
const latestInstant = 8.64e15;

const units = {
  seconds: 'seconds since the epoch',
  milliseconds: 'milliseconds since the epoch',
  text: 'an RFC 3339 date-time with offset',
  any: 'seconds or milliseconds since the epoch, or an RFC 3339 date-time with offset',
} as const;

/**
 * The instant a member tells, in milliseconds since the epoch; `undefined` where it is absent or `null`.
 *
 * @throws {InvalidCredentialsError} where it is no such instant.
 */
export function readInstant(input: Members, member: string, unit: keyof typeof units): number | undefined {
  const value = input[member] ?? undefined;
  if (value === undefined) return undefined;
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  const instant = typeof number === 'number' ? fromNumber(number, unit) : fromText(number, unit);
  if (instant >= 0 && instant <= latestInstant) return instant;
  throw new InvalidCredentialsError(`${member}: expected ${units[unit]}.`, { member });
}

function fromNumber(value: number, unit: keyof typeof units): number {
  const isMilliseconds = value >= smallestMilliseconds;
  const isWanted = unit === 'any' || unit === (isMilliseconds ? 'milliseconds' : 'seconds');
  if (!isWanted) return NaN;
  return isMilliseconds ? value : value * 1000;
}

function fromText(value: unknown, unit: keyof typeof units): number {
  return unit === 'text' || unit === 'any' ? parseInstant(value) : NaN;
}
