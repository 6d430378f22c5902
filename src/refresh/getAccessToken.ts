import { CredentialsExpiredError } from '../errors/CredentialsExpiredError.js';
import { NoCredentialsError } from '../errors/NoCredentialsError.js';
import type { EntryState } from '../store/EntryState.js';
import type { StoredRecord } from '../store/StoredRecord.js';
import { withTimeout } from '../store/withTimeout.js';
import { patienceFor } from './patience.js';
import { startRefresh } from './startRefresh.js';

/** An access token that is not known to be expired; at most one refresh is asked for. */
export async function getAccessToken(state: EntryState): Promise<string> {
  const { key, store } = state;
  const stored = await readOrKnown(state);
  if (!stored) throw new NoCredentialsError('Nothing is stored under this key. Sign in first.', { key });
  const token = stored.credentials.access_token;
  const status = state.statusOf(stored);
  if (status === 'fresh') return token!;
  state.requireTime();
  const expired = (why: string): CredentialsExpiredError =>
    new CredentialsExpiredError(`The access token ${why}.`, { key });
  if (!store.options.refresh) {
    const isUnknown = status === 'queued' && stored.mark !== 'queued';
    if (token && (status === 'expiring' || isUnknown)) return token;
    throw expired('is expired, missing or was invalidated, and the store has no option "refresh"');
  }
  // A refresh under way may yet bring a token, also where the server asked to be left alone.
  const paused = store.context.flights.has(state.storageKey) ? undefined : state.pausedError;
  const refresh = async (): Promise<string> => {
    if (paused) throw paused;
    const refreshed = await startRefresh(state, false, true);
    if (state.isGood(refreshed)) return refreshed.credentials.access_token!;
    throw expired('is still no good after a refresh');
  };
  const refreshing = refresh();
  try {
    if (status !== 'expiring') return await refreshing;
    return await withTimeout(refreshing, patienceFor(stored, state.now), () => new Error());
  } catch (error) {
    const good = await stillGood(state, stored, status === 'expiring');
    if (good) return good;
    // Either it failed, or the token did not last as long as it was waited for.
    if (status === 'expiring') return refreshing;
    throw error;
  }
}

/** A token that may be given out though no refresh brought one. */
async function stillGood(
  state: EntryState,
  stored: StoredRecord,
  wasGood: boolean,
): Promise<string | undefined> {
  // Refreshed tokens whose write failed are served from memory.
  const latest = state.uncommitted ? await readOrKnown(state) : state.record;
  const isUsable = latest && latest.mark !== 'queued' && (state.uncommitted ?? wasGood);
  // Never of a session that has ended.
  const good =
    isUsable && [latest, stored].find((record) => record.session === latest.session && state.isGood(record));
  return good ? good.credentials.access_token : undefined;
}

/** What is stored; what is known of it where it can't be read and the known token is still good. */
async function readOrKnown(state: EntryState): Promise<StoredRecord | undefined> {
  try {
    return await state.read();
  } catch (error) {
    if (state.record && state.isGood(state.record)) return state.record;
    throw error;
  }
}
