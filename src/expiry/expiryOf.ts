import type { Credentials } from '../credentials/Credentials.js';
import { parseCredentials } from '../credentials/parseCredentials.js';
import type { ShelflifeError } from '../errors/ShelflifeError.js';
import type { Expiry, ExpiryStatus, Mark } from './Expiry.js';

/** How expiry is judged. */
export interface ExpiryOptions {
  /** Milliseconds since the epoch; default: the wall clock. */
  readonly now?: number | undefined;
  /** Seconds before expiry from which credentials count as expiring, at most half of the lifetime; default 60. */
  readonly leeway?: number | undefined;
  /** Whether credentials with an unknown expiry are queued for refresh (default) or trusted. */
  readonly unknownExpiry?: 'queue' | 'trust' | undefined;
  /** The mark of the record. */
  readonly mark?: Mark | undefined;
}

/** What judging needs of a record, read once so that nobody can move a deadline by changing a Date. */
export interface Lifetime {
  readonly hasAccessToken: boolean;
  /** Milliseconds since the epoch; `null`: known not to expire; `undefined`: unknown. */
  readonly deadline: number | null | undefined;
  /** Milliseconds. */
  readonly duration: number;
}

export const defaultLeeway = 60;

/** The lifetime of checked credentials. */
export function lifetimeOf({ access_token, issued_at, expires_in }: Credentials): Lifetime {
  const duration = (expires_in ?? 0) * 1000;
  const known = issued_at && expires_in !== undefined ? issued_at.getTime() + duration : undefined;
  return { hasAccessToken: !!access_token, deadline: expires_in === null ? null : known, duration };
}

/** From when on (milliseconds since the epoch) a lifetime counts as expiring. */
export function expiringFrom({ deadline, duration }: Lifetime, leeway = defaultLeeway): number {
  return deadline == null ? Infinity : deadline - Math.min(leeway * 1000, duration / 2);
}

/** The status of a lifetime at a time. A passed deadline wins over any mark. */
export function statusOf(
  lifetime: Lifetime,
  now: number,
  { leeway, unknownExpiry, mark }: ExpiryOptions,
): ExpiryStatus {
  const { hasAccessToken, deadline } = lifetime;
  if (!hasAccessToken) return 'queued';
  // Also where the clock gives no number.
  if (deadline != null && !(now < deadline)) return 'expired';
  if (mark === 'queued') return 'queued';
  if (deadline === undefined && mark !== 'used-as-is' && unknownExpiry !== 'trust') return 'queued';
  return now >= expiringFrom(lifetime, leeway) ? 'expiring' : 'fresh';
}

/** An expiry as it is handed out. The deadline is in milliseconds since the epoch. */
export function toExpiry(
  status: ExpiryStatus,
  deadline?: number | null,
  refreshing = false,
  error?: ShelflifeError,
): Expiry {
  const expiresAt = deadline == null ? null : Object.freeze(new Date(deadline));
  return Object.freeze({ status, expiresAt, refreshing, error });
}

/**
 * Judges the expiry of credentials: pure, the same answer for the same record and time, anywhere.
 *
 * @throws {InvalidCredentialsError} where the credentials are unusable.
 * @throws {TypeError} where `now` is no finite number, or `leeway` no number of 0 or more.
 *
 * @example
 * ```ts
 * expiryOf({ access_token: '…', issued_at: new Date(), expires_in: 3600 }).status; // 'fresh'
 * expiryOf({ access_token: '…' }).status; // 'queued'
 * ```
 */
export function expiryOf(credentials: Credentials | undefined, options: ExpiryOptions = {}): Expiry {
  const { now = Date.now(), leeway = defaultLeeway } = options;
  if (!Number.isFinite(now)) throw new TypeError('The option "now" must be milliseconds since the epoch.');
  if (typeof leeway !== 'number' || !(leeway >= 0))
    throw new TypeError('The option "leeway" must be: number of 0 or more.');
  const lifetime = credentials && lifetimeOf(parseCredentials(credentials));
  const status = lifetime ? statusOf(lifetime, now, options) : 'absent';
  return toExpiry(status, lifetime?.deadline);
}
