import type { ShelflifeError } from '../errors/ShelflifeError.js';
import { type StoredRecord, tokensOf } from '../record/StoredRecord.js';
import { afterSetBack, nextRetry, type Retry } from './Retry.js';

/** Why the last refresh failed, and of what: with other tokens stored it is not in force. */
export interface RefreshRetry extends Retry {
  readonly tokens: string;
  readonly revision: string;
  /** Whether another context was told to leave the server alone: this one can't tell when that is void. */
  readonly isRemembered: boolean;
  /** Whether what called for another try came before the server's time was over. */
  readonly isHastened: boolean;
}

/** What is known of a stored record: immutable, and with the clock all that status and signals are made of. */
export interface Known {
  /** Whether storage has answered. */
  readonly isLoaded: boolean;
  /** `undefined`: absent, or not known. */
  readonly record: StoredRecord | undefined;
  /** The number of the read or write that told it. */
  readonly number: number;
  readonly readRetry: Retry | undefined;
  readonly refreshRetry: RefreshRetry | undefined;
  /** Whether a refresh is under way in this context. */
  readonly isRefreshing: boolean;
}

/** What is known before the first read. */
export const nothingKnown: Known = Object.freeze({
  isLoaded: false,
  record: undefined,
  number: 0,
  readRetry: undefined,
  refreshRetry: undefined,
  isRefreshing: false,
});

/** Storage answered with a record, or with none. */
export function afterAnswer(known: Known, number: number, record: StoredRecord | undefined): Known {
  // It goes with other tokens; where the record is only gone for now, it stays.
  const refreshRetry = record ? retryAbout(known.refreshRetry, record) : known.refreshRetry;
  return { ...known, isLoaded: true, record, number, readRetry: undefined, refreshRetry };
}

/** Storage could not be read: what was known stays, or refreshed credentials are served that wait for their write. */
export function afterReadFailure(
  known: Known,
  number: number,
  error: ShelflifeError,
  now: number,
  served: StoredRecord | undefined,
): Known {
  const { readRetry } = known;
  const answered = served ? afterAnswer(known, number, served) : { ...known, number };
  return { ...answered, readRetry: nextRetry(error, readRetry, now) };
}

/** A refresh of a record failed, or the record that it brought is to be refreshed again. */
export function afterRefreshFailure(
  known: Known,
  { credentials, revision }: StoredRecord,
  error: ShelflifeError | undefined,
  isRemembered: boolean,
  now: number,
): Known {
  const retry = nextRetry(error, known.refreshRetry, now);
  const tokens = tokensOf(credentials);
  const refreshRetry = { ...retry, tokens, revision, isRemembered, isHastened: false };
  return { ...known, refreshRetry, isRefreshing: false };
}

/** A refresh began, or ended with nothing to say of what is known. */
export function whileRefreshing(known: Known, isRefreshing: boolean): Known {
  return { ...known, isRefreshing };
}

/** A refresh brought a fresh record. */
export function afterRefreshSuccess(known: Known): Known {
  return { ...known, refreshRetry: undefined, isRefreshing: false };
}

/** Why the last refresh of the known record failed. */
export function refreshRetryOf({ record, refreshRetry }: Known): RefreshRetry | undefined {
  return record && retryAbout(refreshRetry, record);
}

function retryAbout(
  retry: RefreshRetry | undefined,
  { credentials }: StoredRecord,
): RefreshRetry | undefined {
  return retry && retry.tokens === tokensOf(credentials) ? retry : undefined;
}

/** The wall clock was set back by so many milliseconds. */
export function afterClockSetBack(known: Known, milliseconds: number): Known {
  const { readRetry, refreshRetry } = known;
  return {
    ...known,
    readRetry: readRetry && afterSetBack(readRetry, milliseconds),
    refreshRetry: refreshRetry && { ...refreshRetry, ...afterSetBack(refreshRetry, milliseconds) },
  };
}

/**
 * The host is back on the network: another try is called for at once. Of the contexts that leave the server alone, only
 * the one that was told to may make it.
 */
export function afterOnline(known: Known): Known {
  const { refreshRetry } = known;
  if (!refreshRetry || refreshRetry.wait === Infinity) return known;
  if (refreshRetry.isRemembered && refreshRetry.pause) return known;
  return { ...known, refreshRetry: { ...refreshRetry, wait: 0, pause: 0, isHastened: true } };
}
