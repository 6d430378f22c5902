import type { Credentials } from '../credentials/Credentials.js';
import type { Mark } from '../expiry/Expiry.js';
import { type Lifetime, lifetimeOf } from '../expiry/expiryOf.js';

/** What a write puts into the envelope. */
export interface NextRecord {
  readonly credentials: Credentials;
  /** New with every sign-in: kept by refresh, `update` and `invalidate`. */
  readonly session: string;
  readonly mark?: Mark | undefined;
}

/** What is stored under a key, decoded. Never handed out, never changed. */
export interface StoredRecord extends NextRecord {
  /** The stored text: what `compareAndSet` expects. */
  readonly text: string;
  /** New with every write, so that no stored value repeats; made of its text in a bare record. */
  readonly revision: string;
  readonly lifetime: Lifetime;
  /** What is really stored, where these are refreshed credentials that wait in memory for their write. */
  readonly underneath?: StoredRecord;
}

/** What tells the tokens in credentials from others. Not to be shown. */
export function tokensOf({ access_token, refresh_token }: Credentials): string {
  return JSON.stringify([access_token, refresh_token]);
}

/** Whether two records hold the same tokens, or are both missing. */
export function haveSameTokens(left: NextRecord | undefined, right: NextRecord | undefined): boolean {
  if (!left || !right) return left === right;
  return tokensOf(left.credentials) === tokensOf(right.credentials);
}

/** The record of a stored text. */
export function toRecord(
  text: string,
  revision: string,
  { credentials, session, mark }: NextRecord,
): StoredRecord {
  return { text, revision, session, mark, credentials, lifetime: lifetimeOf(credentials) };
}

/** What is really stored. */
export function storedOf(record: StoredRecord): StoredRecord {
  return record.underneath ?? record;
}
