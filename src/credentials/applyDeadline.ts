import type { Credentials } from './Credentials.js';
import { parseInstant, smallestMilliseconds } from './parseInstant.js';

/** Members in which servers and libraries name the deadline of an access token. Beside another token they are stale. */
export const deadlineNames = ['expires_at', 'expires_on', 'expiry_date'] as const;

/** The milliseconds of a deadline in seconds or milliseconds since the epoch, RFC 3339 or a Date, else NaN. */
function parseDeadline(value: unknown): number {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return parseInstant(typeof number === 'number' && number < smallestMilliseconds ? number * 1000 : number);
}

/**
 * Puts the deadline that an answer names into `issued_at` and `expires_in`: exactly where one of them is there too;
 * else the lifetime is what is left of it at `anchor` (milliseconds since the epoch).
 */
export function applyDeadline(credentials: Credentials, anchor: number): void {
  const { issued_at, expires_in } = credentials;
  const deadline = deadlineNames.map((name) => parseDeadline(credentials[name])).find(Number.isFinite);
  if (deadline === undefined || expires_in === null) return;
  if (expires_in !== undefined && !issued_at) credentials.issued_at = new Date(deadline - expires_in * 1000);
  else {
    const from = Math.min(issued_at?.getTime() ?? anchor, deadline);
    credentials.issued_at = new Date(from);
    credentials.expires_in = Math.floor((deadline - from) / 1000);
  }
}
