import { CredentialsExpiredError } from '../errors/CredentialsExpiredError.js';
import { NoCredentialsError } from '../errors/NoCredentialsError.js';
import type { EntryState } from '../store/EntryState.js';
import type { StoredRecord } from '../store/StoredRecord.js';
import { startRefresh } from './startRefresh.js';

/** An access token that is not known to be expired; at most one refresh is asked for. */
export async function getAccessToken(state: EntryState): Promise<string> {
  const { key, store } = state;
  const stored = await readOrKnown(state);
  if (!stored) throw new NoCredentialsError('Nothing is stored under this key. Sign in first.', { key });
  const token = stored.credentials.access_token;
  const status = state.statusOf(stored);
  if (status === 'fresh') return token!;
  const expired = (why: string): CredentialsExpiredError =>
    new CredentialsExpiredError(`The access token ${why}.`, { key });
  if (!store.options.refresh) {
    const isUnknown = status === 'queued' && stored.mark !== 'queued';
    if (token && (status === 'expiring' || isUnknown)) return token;
    throw expired('is expired, missing or was invalidated, and the store has no option "refresh"');
  }
  try {
    const refreshed = await startRefresh(state, false, true);
    if (state.isGood(refreshed)) return refreshed.credentials.access_token!;
    throw expired('is still no good after a refresh');
  } catch (error) {
    // Refreshed tokens whose write failed are served from memory.
    const latest = state.uncommitted ? await readOrKnown(state) : state.record;
    const isUsable = latest && latest.mark !== 'queued' && (state.uncommitted ?? status === 'expiring');
    // Never of a session that has ended.
    const good =
      isUsable &&
      [latest, stored].find((record) => record.session === latest.session && state.isGood(record));
    if (good) return good.credentials.access_token!;
    throw error;
  }
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
