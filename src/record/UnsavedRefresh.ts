import type { Credentials } from '../credentials/Credentials.js';
import { mergeTokenResponse } from './mergeTokenResponse.js';
import { type NextRecord, storedOf, type StoredRecord, tokensOf, toRecord } from './StoredRecord.js';

/**
 * Answers of the authorization server on their way into storage. The refresh token that they replace is spent, so
 * until they are stored they lie over the stored record.
 */
export interface UnsavedRefresh {
  /** The stored record that was refreshed. */
  readonly base: StoredRecord;
  readonly answers: readonly Credentials[];
  /** What tells the tokens that were refreshed: the answers belong over a record with one of these. */
  readonly refreshed: ReadonlySet<string>;
  /** What tells the new tokens from others. */
  readonly tokens: string;
}

/** The answer to a refresh of a record, which may be one that has the answers of an earlier refresh over it. */
export function toUnsavedRefresh(
  record: StoredRecord,
  answer: Credentials,
  before?: UnsavedRefresh,
): UnsavedRefresh {
  const base = storedOf(record);
  return {
    base: before?.base ?? base,
    answers: [...(before?.answers ?? []), answer],
    refreshed: new Set([
      ...(before?.refreshed ?? []),
      tokensOf(base.credentials),
      tokensOf(record.credentials),
    ]),
    tokens: tokensOf(mergeTokenResponse(record, answer).credentials),
  };
}

/** Whether the answers belong over a record. */
export function isAbout({ refreshed }: UnsavedRefresh, record: StoredRecord): boolean {
  return refreshed.has(tokensOf(storedOf(record).credentials));
}

/** Whether a record holds the new tokens. */
export function holdsTokensOf(record: StoredRecord, { tokens }: UnsavedRefresh): boolean {
  return tokensOf(record.credentials) === tokens;
}

/** The answers merged into what is stored: a change that others made to it stays. */
export function mergeUnsaved({ answers }: UnsavedRefresh, stored: StoredRecord): StoredRecord {
  const { text, revision } = stored;
  const merged = answers.reduce<NextRecord>(mergeTokenResponse, stored);
  return { ...toRecord(text, revision, merged), underneath: stored };
}
