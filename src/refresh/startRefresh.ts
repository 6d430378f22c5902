import type { Credentials } from '../credentials/Credentials.js';
import { NoCredentialsError } from '../errors/NoCredentialsError.js';
import { RefreshFailedError } from '../errors/RefreshFailedError.js';
import { RefreshRejectedError } from '../errors/RefreshRejectedError.js';
import type { ShelflifeError } from '../errors/ShelflifeError.js';
import type { EntryState } from '../store/EntryState.js';
import type { StoredRecord } from '../store/StoredRecord.js';
import { acquireLease } from './acquireLease.js';
import { askForTokens } from './askForTokens.js';
import type { Flight } from './Flight.js';
import { type Committed, UncommittedRefresh } from './UncommittedRefresh.js';
import { withTimeout } from '../store/withTimeout.js';
import { rememberedRejection, rememberRejection } from './rememberedRejection.js';

/**
 * Refreshes an entry, or joins the refresh under way. `isExplicit`: a user asked for it, so a remembered rejection
 * does not count.
 */
export function startRefresh(
  state: EntryState,
  isExplicit: boolean,
  hasCaller = isExplicit,
): Promise<StoredRecord> {
  const { context } = state.store;
  const running = context.flights.get(state.storageKey);
  if (running) {
    running.hasCaller ||= hasCaller;
    if (!isExplicit) return running.promise;
    return running.promise.catch((error: unknown) => {
      if (running.isRemembered) return startRefresh(state, true);
      throw error;
    });
  }
  const flight: Flight = {
    isExplicit,
    hasCaller,
    isRemembered: false,
    isOver: false,
    promise: undefined as never,
  };
  context.flights.set(state.storageKey, flight);
  flight.promise = fly(state, flight);
  // Also where nobody waits for it.
  flight.promise.catch(() => {});
  for (const other of context.states(state.storageKey)) if (other !== state || hasCaller) other.publish();
  return flight.promise;
}

async function fly(state: EntryState, flight: Flight): Promise<StoredRecord> {
  const { store, storageKey } = state;
  let committed: Committed | undefined;
  let failure: ShelflifeError | undefined;
  try {
    const known = state.known.isLoaded ? state.record : await state.peek();
    const release = await acquireLease(state);
    const goOn = store.holdBack();
    try {
      committed = await refreshUnderLease(state, known, flight);
    } finally {
      flight.isOver = true;
      // The answer may be on its way: whoever sent the same refresh token now could have the family revoked.
      if (flight.lateAnswer) void flight.lateAnswer.then(release, release);
      else await release();
      goOn();
    }
    if (state.statusOf(committed.record) === 'expired') {
      failure = new RefreshFailedError('The refreshed credentials came expired.', {
        key: state.key,
      });
    }
  } catch (error) {
    failure = error as ShelflifeError;
  }
  // Nobody is told anything before the lease is back, so that no listener can delay another context.
  // The flight is there until all is known, lest what is published starts another at once.
  const states = store.context.states(storageKey);
  for (const each of states) each.refreshEnded(failure);
  committed?.publish(committed.record);
  store.context.flights.delete(storageKey);
  for (const each of states) each.publish();
  if (!failure) return committed!.record;
  if (!flight.hasCaller) store.report(failure);
  if (!committed) state.reload();
  throw failure;
}

async function refreshUnderLease(
  state: EntryState,
  known: StoredRecord | undefined,
  flight: Flight,
): Promise<Committed> {
  const { key } = state;
  const found = await look(state);
  if (!found) throw new NoCredentialsError('Nothing is stored that could be refreshed.', { key });
  const { record } = found;
  const isAnother = !!known && known.tokens !== record.tokens;
  const isNeeded = flight.isExplicit || state.statusOf(record) !== 'fresh';
  if (state.isGood(record) && (isAnother || !isNeeded)) return found;
  if (record.credentials.refresh_token === null) {
    throw new RefreshRejectedError('The credentials have no refresh token (it is null). Sign in again.', {
      key,
    });
  }
  const rejection = flight.isExplicit ? undefined : await rememberedRejection(state, record);
  if (rejection) {
    flight.isRemembered = true;
    throw rejection;
  }
  let answer: Credentials;
  try {
    answer = await askForTokens(state, record, (late) => {
      const dealtWith = late.then((tokens) => commitLate(state, record, tokens));
      flight.lateAnswer = withTimeout(dealtWith, state.store.options.refreshTimeout, () => new Error());
      flight.lateAnswer.catch(() => {});
    });
  } catch (error) {
    const newer = await look(state).catch(() => undefined);
    if (newer && newer.record.tokens !== record.tokens && state.isGood(newer.record)) return newer;
    if (error instanceof RefreshRejectedError) await rememberRejection(state, record, error);
    throw error;
  }
  return commitAnswer(state, record, answer);
}

/** Stores the answer to a refresh of a record. */
function commitAnswer(state: EntryState, base: StoredRecord, answer: Credentials): Promise<Committed> {
  const waiting = state.uncommitted;
  const isSame = waiting?.storedTokens === base.storedTokens;
  const refresh = isSame ? waiting : new UncommittedRefresh(state, base.storedTokens);
  if (!waiting) state.store.context.uncommitted.set(state.storageKey, refresh);
  return refresh.add(base, answer).commit();
}

/** An answer after its time is still offered to the commit: the tokens in it may be the only live ones. */
async function commitLate(state: EntryState, record: StoredRecord, answer: Credentials): Promise<void> {
  try {
    const committed = await commitAnswer(state, record, answer);
    committed.publish(committed.record);
  } catch (error) {
    state.store.report(error);
  }
}

/** Reads the record, to be published later. */
async function look(state: EntryState): Promise<Committed | undefined> {
  const publish = state.store.context.publisher(state.storageKey);
  const record = await state.peek();
  return record && { record, publish };
}
