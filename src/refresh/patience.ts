import type { StoredRecord } from '../store/StoredRecord.js';

/** The longest that a token which is still valid is held back for the next one, in milliseconds. */
const longest = 5000;

/** For how long to wait for a refresh while a token is still valid, in milliseconds. */
export function patienceFor({ lifetime }: StoredRecord, now: number): number {
  return Math.min(longest, ((lifetime.deadline ?? Infinity) - now) / 4);
}
