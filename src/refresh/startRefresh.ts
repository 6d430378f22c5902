import type { Credentials } from '../credentials/Credentials.js';
import { ClosedError } from '../errors/ClosedError.js';
import { NoCredentialsError } from '../errors/NoCredentialsError.js';
import { RefreshFailedError } from '../errors/RefreshFailedError.js';
import { RefreshRejectedError } from '../errors/RefreshRejectedError.js';
import type { ShelflifeError } from '../errors/ShelflifeError.js';
import { TimeoutError } from '../errors/TimeoutError.js';
import type { EntryState } from '../store/EntryState.js';
import type { StoredRecord } from '../store/StoredRecord.js';
import { acquireLease } from './acquireLease.js';
import { askForTokens } from './askForTokens.js';
import type { Flight } from './Flight.js';
import { type Committed, UncommittedRefresh } from './UncommittedRefresh.js';
import { withTimeout } from '../store/withTimeout.js';
import { forgetPause, rememberedFailure, rememberFailure } from './rememberedFailure.js';

/**
 * Refreshes an entry, or joins the refresh under way. `isExplicit`: a user asked for it, so a remembered failure
 * does not count.
 */
export function startRefresh(
  state: EntryState,
  isExplicit: boolean,
  hasCaller = isExplicit,
): Promise<StoredRecord> {
  const { store, storageKey } = state;
  const { flights } = store.context;
  const running = flights.get(storageKey);
  if (running?.isAsking && hasCaller) running.isJoinedWhileAsking = true;
  if (running?.late) {
    const late = running.promise.catch(() => running.late!);
    return late.catch(() => startRefresh(state, isExplicit, hasCaller));
  }
  if (running) {
    running.hasCaller ||= hasCaller;
    return running.promise.catch((error: unknown) => {
      // The store that started it was closed, and this one was not; or this one asks again where that did not.
      const isLeft = error instanceof ClosedError && !state.store.isClosed;
      if (isLeft || (isExplicit && running.isRemembered)) return startRefresh(state, isExplicit, hasCaller);
      throw error;
    });
  }
  const flight: Flight = {
    store,
    isExplicit,
    hasCaller,
    isRemembered: false,
    isOver: false,
    isAsking: false,
    isJoinedWhileAsking: false,
    promise: undefined as never,
  };
  flights.set(storageKey, flight);
  flight.promise = fly(state, flight);
  // Also where nobody waits for it.
  flight.promise.catch(() => {});
  for (const other of store.context.states(storageKey)) if (other !== state || hasCaller) other.publish();
  return flight.promise;
}

async function fly(state: EntryState, flight: Flight): Promise<StoredRecord> {
  const { store, storageKey } = state;
  const { context } = store;
  let committed: Committed | undefined;
  let error: ShelflifeError | undefined;
  try {
    state.requireTime();
    const known = state.known.isLoaded ? state.record : await state.peek();
    flight.tokens = known?.tokens;
    const release = await acquireLease(state);
    const goOn = store.holdBack();
    try {
      committed = await refreshUnderLease(state, known, flight);
    } finally {
      flight.isOver = true;
      // The answer may be on its way: whoever sent the same refresh token now could have the family revoked.
      if (flight.late) void flight.late.then(release, release);
      else await release();
      goOn();
    }
    if (state.statusOf(committed.record) === 'expired') {
      error = new RefreshFailedError('The refreshed credentials came expired.', { key: state.key });
    }
  } catch (thrown) {
    error = thrown as ShelflifeError;
  }
  // Nobody is told anything before the lease is back, so that no listener can delay another context.
  // The flight is there until all is known, lest what is published starts another at once.
  await settle(state, flight, committed, error);
  const end = (): void => {
    context.flights.delete(storageKey);
    context.publish(storageKey);
  };
  if (flight.late) void flight.late.then(end, end);
  else end();
  if (!error) return committed!.record;
  if (!flight.hasCaller) store.report(error);
  if (!committed) for (const each of context.states(storageKey)) each.reload();
  throw error;
}

/** Makes known to all stores of this context what a refresh came to: what it brought, or else what it found. */
async function settle(
  state: EntryState,
  flight: Flight,
  committed: Committed | undefined,
  error?: ShelflifeError,
): Promise<void> {
  const { found } = flight;
  const states = state.store.context.states(state.storageKey);
  const end = (): void => {
    // That one store was closed is no failure for the others.
    if (error instanceof ClosedError) return;
    for (const each of states) each.refreshEnded(flight, error, committed?.record);
  };
  if (committed) {
    end();
    await committed.publish(committed.record);
  } else {
    // What failed is a refresh of this record, which others may have stored unheard.
    if (found && states.some(({ record }) => record?.tokens !== found.record.tokens))
      await found.publish(found.record);
    end();
  }
}

async function refreshUnderLease(
  state: EntryState,
  known: StoredRecord | undefined,
  flight: Flight,
): Promise<Committed> {
  const { key, store } = state;
  const found = await look(state);
  if (!found) throw new NoCredentialsError('Nothing is stored that could be refreshed.', { key });
  const { record } = found;
  flight.found = found;
  flight.tokens = record.tokens;
  const isAnother = !!known && known.tokens !== record.tokens;
  const isNeeded = flight.isExplicit || state.statusOf(record) !== 'fresh';
  if (state.isGood(record) && (isAnother || !isNeeded)) return found;
  if (record.credentials.refresh_token === null) {
    throw new RefreshRejectedError('The credentials have no refresh token (it is null). Sign in again.', {
      key,
    });
  }
  const remembered = flight.isExplicit
    ? undefined
    : (state.pausedError ?? (await rememberedFailure(state, record, state.refreshFailure?.isHastened)));
  if (remembered) {
    flight.isRemembered = true;
    throw remembered;
  }
  store.requireOpen();
  let answer: Credentials;
  try {
    flight.isAsking = true;
    answer = await askForTokens(state, record, (late) => {
      flight.late = takeLateAnswer(state, flight, record, late);
    });
  } catch (error) {
    const newer = await look(state).catch(() => undefined);
    const isSame = newer?.record.tokens === record.tokens;
    if (newer && !isSame && state.isGood(newer.record)) return newer;
    if (isSame) await rememberFailure(state, newer.record, error as ShelflifeError);
    throw flight.late && flight.isJoinedWhileAsking ? selfJoined(error as ShelflifeError) : error;
  } finally {
    flight.isAsking = false;
  }
  const committed = await commitAnswer(state, record, answer);
  if (flight.isExplicit) await forgetPause(state);
  return committed;
}

/** The callback did not answer in time, and a call for a token came while it was at it. */
function selfJoined({ message, key }: ShelflifeError): TimeoutError {
  const hint =
    'A token of this entry was asked for meanwhile. If the callback did that (an HTTP client whose interceptor adds ' +
    'the token, for one), it waited for itself: let it send its request without.';
  return new TimeoutError(`${message} ${hint}`, { key });
}

/** Stores the answer to a refresh of a record. */
function commitAnswer(state: EntryState, base: StoredRecord, answer: Credentials): Promise<Committed> {
  const { uncommitted: waiting, storageKey, store } = state;
  const before = waiting?.isOver(base) ? waiting : undefined;
  const refresh = new UncommittedRefresh(state, base, answer, before);
  if (before === waiting) {
    store.context.uncommitted.set(storageKey, refresh);
    refresh.hold();
  }
  return refresh.commit(state);
}

/**
 * An answer after its time is still offered to the commit: the tokens in it may be the only live ones. It is waited
 * for as long again.
 */
function takeLateAnswer(
  state: EntryState,
  flight: Flight,
  record: StoredRecord,
  late: Promise<Credentials>,
): Promise<StoredRecord> {
  const { store, storageKey } = state;
  const commit = async (answer: Credentials): Promise<StoredRecord> => {
    try {
      const committed = await commitAnswer(state, record, answer);
      await settle(state, flight, committed);
      return committed.record;
    } catch (error) {
      store.report(error);
      throw error;
    } finally {
      store.context.publish(storageKey);
    }
  };
  const dealtWith = withTimeout(late.then(commit), store.options.refreshTimeout, () => new Error());
  // Also where nobody waits for it.
  dealtWith.catch(() => {});
  return dealtWith;
}

/**
 * Reads the record, to be published later. Never while a write of this context is under way: what it found might be
 * from before, with a refresh token that is spent.
 */
function look(state: EntryState): Promise<Committed | undefined> {
  const { storageKey, store } = state;
  return store.context.writes.run(storageKey, async () => {
    const publish = store.context.publisher(storageKey);
    const record = await state.peek();
    return record && { record, publish };
  });
}
