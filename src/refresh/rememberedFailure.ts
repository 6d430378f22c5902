import { isObject, isPlainObject } from '../credentials/copyPlain.js';
import { RefreshRejectedError } from '../errors/RefreshRejectedError.js';
import type { ShelflifeError } from '../errors/ShelflifeError.js';
import { createNonce } from '../store/createNonce.js';
import type { EntryState } from '../store/EntryState.js';
import { leftOf, type Pause, pausedError, pauseOf } from '../store/Pause.js';
import { storageKey } from '../store/storageKeys.js';
import type { StoredRecord } from '../store/StoredRecord.js';

/**
 * What is stored under the reserved key. A rejection holds for one revision, so that after `invalidate()` a refresh
 * may be asked for once more; a pause holds for a session, whatever is done to its record. Contexts that don't know
 * of pauses look at the revision alone, so a pause must not have one.
 */
interface Note {
  readonly revision?: unknown;
  readonly message?: unknown;
  readonly cause?: unknown;
  readonly pause?: unknown;
}

const keyOf = ({ store, key }: EntryState): string => storageKey(store.options.namespace, key, '#rejection');

function parseNote(text: string | undefined): Note {
  try {
    const note: unknown = JSON.parse(text ?? '{}');
    return isPlainObject(note) ? note : {};
  } catch {
    return {};
  }
}

function pauseIn({ pause }: Note, { session }: StoredRecord): (Pause & Note) | undefined {
  if (!isObject(pause)) return undefined;
  const { until, wait, session: of } = pause as Record<string, unknown>;
  const isOurs = of === session && typeof until === 'number' && typeof wait === 'number';
  return isOurs ? { ...pause, until, wait } : undefined;
}

/** What of a note is told in an error. */
function told({ message, cause }: Note): { message: string; cause?: unknown } {
  return { message: String(message), ...(isPlainObject(cause) && { cause }) };
}

/**
 * Remembers for all contexts that the refresh of this very record was rejected, or that the server asked to be left
 * alone. What fails here is only told.
 */
export async function rememberFailure(
  state: EntryState,
  record: StoredRecord,
  error: ShelflifeError,
): Promise<void> {
  const { message, cause } = error;
  const isRejection = error instanceof RefreshRejectedError;
  const pause = isRejection ? undefined : pauseOf(error, state.now);
  if (!isRejection && !pause) return;
  await change(state, (note) => {
    if (isRejection) return { revision: record.revision, message, cause };
    const kept = note.revision === record.revision ? note : {};
    return { ...kept, pause: { ...pause, session: record.session, message, cause } };
  });
}

/** The server has answered: a pause that it asked for is over, for all contexts. */
export async function forgetPause(state: EntryState): Promise<void> {
  await change(state, ({ pause, ...note }) => pause !== undefined && note);
}

async function change(state: EntryState, next: (note: Note) => Note | false): Promise<void> {
  try {
    await state.store.storage.swap(keyOf(state), state, (text) => {
      const note = next(parseNote(text));
      return note && JSON.stringify({ ...note, version: 1, nonce: createNonce() });
    });
  } catch (failure) {
    state.store.report(failure);
  }
}

/** The failure that a context remembered and that still holds for this record, if any. `isHastened`: no pause does. */
export async function rememberedFailure(
  state: EntryState,
  record: StoredRecord,
  isHastened = false,
): Promise<ShelflifeError | undefined> {
  const note = parseNote(await state.store.storage.get(keyOf(state), state));
  if (note.revision === record.revision) {
    const { message, cause } = told(note);
    return new RefreshRejectedError(message, { key: state.key, cause });
  }
  const pause = isHastened ? undefined : pauseIn(note, record);
  const left = pause ? leftOf(pause, state.now) : 0;
  return pause && left ? pausedError(told(pause), state.key, left) : undefined;
}
