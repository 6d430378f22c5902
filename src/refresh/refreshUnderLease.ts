import { withTimeout } from '../async/withTimeout.js';
import type { Credentials } from '../credentials/Credentials.js';
import { NoCredentialsError } from '../errors/NoCredentialsError.js';
import { RefreshRejectedError } from '../errors/RefreshRejectedError.js';
import type { ShelflifeError } from '../errors/ShelflifeError.js';
import { TimeoutError } from '../errors/TimeoutError.js';
import { haveSameTokens, type StoredRecord } from '../record/StoredRecord.js';
import { slotOf } from '../state/BackendContext.js';
import { closedError } from '../state/closedError.js';
import { isUsable, judge } from '../state/judge.js';
import { refreshRetryOf } from '../state/Known.js';
import type { EntryState, Flight } from '../state/model.js';
import type { Found } from '../state/order.js';
import { publishAll } from '../state/publish.js';
import { askForTokens } from './askForTokens.js';
import { knownPause } from './pausedError.js';
import { type FoundRecord, readBetweenWrites } from './readBetweenWrites.js';
import { forgetPause, rememberedFailure, rememberFailure } from './rememberedFailure.js';
import { saveAnswer } from './saveRefreshed.js';
import { settle } from './settle.js';

/**
 * Reads again, adopts what another context brought meanwhile, else asks the server and stores its answer. `base`: what
 * was known before. `onFound`: takes what was read.
 */
export async function refreshUnderLease(
  entry: EntryState,
  flight: Flight,
  base: StoredRecord | undefined,
  onFound: (found: Found) => void,
): Promise<FoundRecord> {
  const { begun, record } = await readBetweenWrites(entry);
  onFound({ begun, record });
  if (!record) throw new NoCredentialsError('Nothing is stored that could be refreshed.', { key: entry.key });
  const found = { begun, record };
  const isAnother = !!base && !haveSameTokens(base, record);
  const isNeeded = flight.isExplicit || judge(entry, record) !== 'fresh';
  if (isUsable(entry, record) && (isAnother || !isNeeded)) return found;
  await requirePermission(entry, flight, record);
  const answer = await ask(entry, flight, found);
  if ('record' in answer) return answer;
  const saved = await saveAnswer(entry, found, answer.credentials);
  if (flight.isExplicit) await forgetPause(entry);
  return saved;
}

/** @throws where the server is not to be asked. */
async function requirePermission(entry: EntryState, flight: Flight, record: StoredRecord): Promise<void> {
  const { key, store, known } = entry;
  if (record.credentials.refresh_token === null) {
    throw new RefreshRejectedError('The credentials have no refresh token (it is null). Sign in again.', {
      key,
    });
  }
  const isHastened = refreshRetryOf(known)?.isHastened === true;
  const remembered = flight.isExplicit
    ? undefined
    : (knownPause(entry) ?? (await rememberedFailure(entry, record, isHastened)));
  if (remembered) {
    flight.isRemembered = true;
    throw remembered;
  }
  if (store.isClosed) throw closedError(store);
}

/** Asks the server; where it fails, newer tokens are adopted before that counts. */
async function ask(
  entry: EntryState,
  flight: Flight,
  found: FoundRecord,
): Promise<FoundRecord | { readonly credentials: Credentials }> {
  const { record } = found;
  try {
    flight.isAsking = true;
    const credentials = await askForTokens(entry, record, (late) => {
      flight.late = takeLateAnswer(entry, found, late);
    });
    return { credentials };
  } catch (error) {
    const newer = await readBetweenWrites(entry).catch(() => undefined);
    const isSame = haveSameTokens(newer?.record, record);
    if (newer?.record && !isSame && isUsable(entry, newer.record)) return newer as FoundRecord;
    if (newer?.record && isSame) await rememberFailure(entry, newer.record, error as ShelflifeError);
    throw flight.late && flight.isJoinedWhileAsking ? selfJoined(error as ShelflifeError) : error;
  } finally {
    flight.isAsking = false;
  }
}

/** The callback did not answer in time, and a call for a token came while it was at it. */
function selfJoined({ message, key }: ShelflifeError): TimeoutError {
  const hint =
    'A token of this entry was asked for meanwhile. If the callback did that (an HTTP client whose interceptor adds ' +
    'the token, for one), it waited for itself: let it send its request without.';
  return new TimeoutError(`${message} ${hint}`, { key });
}

/**
 * An answer after its time is still offered to the commit: the tokens in it may be the only live ones. It is waited
 * for as long again.
 */
function takeLateAnswer(
  entry: EntryState,
  found: FoundRecord,
  late: Promise<Credentials>,
): Promise<StoredRecord> {
  const { store } = entry;
  const save = async (answer: Credentials): Promise<StoredRecord> => {
    try {
      const brought = await saveAnswer(entry, found, answer);
      await settle(entry, { base: found.record, found, brought, error: undefined, isRemembered: false });
      return brought.record;
    } catch (error) {
      store.users.report(error);
      throw error;
    } finally {
      publishAll(slotOf(entry));
    }
  };
  const dealtWith = withTimeout(late.then(save), store.options.refreshTimeout, () => new Error());
  // Also where nobody waits for it.
  dealtWith.catch(() => {});
  return dealtWith;
}
