import { withTimeout } from '../async/withTimeout.js';
import { CredentialsExpiredError } from '../errors/CredentialsExpiredError.js';
import { NoCredentialsError } from '../errors/NoCredentialsError.js';
import type { StoredRecord } from '../record/StoredRecord.js';
import { slotOf } from '../state/BackendContext.js';
import { isUsable, judge, requireTime } from '../state/judge.js';
import type { EntryState } from '../state/model.js';
import { read } from '../state/read.js';
import { knownPause } from './pausedError.js';
import { startRefresh } from './startRefresh.js';

/** The longest that a token which is still valid is held back for the next one, in milliseconds. */
const longestWait = 5000;

/** An access token that is not known to be expired; at most one refresh is asked for. */
export async function getAccessToken(entry: EntryState): Promise<string> {
  const { key, store } = entry;
  const stored = await readOrKnown(entry);
  if (!stored) throw new NoCredentialsError('Nothing is stored under this key. Sign in first.', { key });
  const token = stored.credentials.access_token;
  const status = judge(entry, stored);
  if (status === 'fresh') return token!;
  requireTime(entry);
  if (!store.options.refresh) {
    const isUnknown = status === 'queued' && stored.mark !== 'queued';
    if (token && (status === 'expiring' || isUnknown)) return token;
    throw expired(entry, 'is expired, missing or was invalidated, and the store has no option "refresh"');
  }
  const refreshing = refreshedToken(entry);
  const isValid = status === 'expiring';
  try {
    if (!isValid) return await refreshing;
    const timeLeft = (stored.lifetime.deadline ?? Infinity) - store.clock.now();
    return await withTimeout(
      refreshing,
      Math.min(longestWait, timeLeft / 4, store.options.refreshTimeout),
      () => new Error(),
    );
  } catch (error) {
    const valid = await stillValidToken(entry, stored, isValid);
    if (valid) return valid;
    // Either it failed, or the token did not last as long as it was waited for.
    if (isValid) return refreshing;
    throw error;
  }
}

async function refreshedToken(entry: EntryState): Promise<string> {
  // A refresh under way may yet bring a token, also where the server asked to be left alone.
  const pause = slotOf(entry).flight ? undefined : knownPause(entry);
  if (pause) throw pause;
  const refreshed = await startRefresh(entry, { isExplicit: false, hasCaller: true });
  if (isUsable(entry, refreshed)) return refreshed.credentials.access_token!;
  throw expired(entry, 'is still no good after a refresh');
}

function expired({ key }: EntryState, why: string): CredentialsExpiredError {
  return new CredentialsExpiredError(`The access token ${why}.`, { key });
}

/** A token that may be given out though no refresh brought one. */
async function stillValidToken(
  entry: EntryState,
  stored: StoredRecord,
  wasValid: boolean,
): Promise<string | undefined> {
  // Refreshed tokens whose write failed are served from memory.
  const { saving } = slotOf(entry);
  const latest = saving ? await readOrKnown(entry) : entry.known.record;
  if (!latest || latest.mark === 'queued' || !(saving ?? wasValid)) return undefined;
  // Never of a session that has ended.
  const valid = [latest, stored].find(
    (record) => record.session === latest.session && isUsable(entry, record),
  );
  return valid?.credentials.access_token;
}

/** What is stored; what is known of it where it can't be read and the known token is still good. */
async function readOrKnown(entry: EntryState): Promise<StoredRecord | undefined> {
  try {
    return await read(entry);
  } catch (error) {
    const { record } = entry.known;
    if (record && isUsable(entry, record)) return record;
    throw error;
  }
}
