import { isObject, isPlainObject } from '../credentials/copyPlain.js';
import { RefreshRejectedError } from '../errors/RefreshRejectedError.js';
import type { ShelflifeError } from '../errors/ShelflifeError.js';
import { createNonce } from '../record/createNonce.js';
import { storageKey } from '../record/storageKeys.js';
import type { StoredRecord } from '../record/StoredRecord.js';
import type { EntryState } from '../state/model.js';
import { concernOf } from '../state/read.js';
import { pauseLeft, pauseOf } from '../state/Retry.js';
import { pausedError } from './pausedError.js';

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

/** What of a note is told in an error. */
function told({ message, cause }: Note): { message: string; cause?: unknown } {
  return { message: String(message), ...(isPlainObject(cause) && { cause }) };
}

/** Changes what is remembered. What fails here is only told. */
async function changeNote(entry: EntryState, change: (note: Note) => Note | 'unchanged'): Promise<void> {
  const { storage, users } = entry.store;
  try {
    await storage.swap(keyOf(entry), concernOf(entry), (text) => {
      const note = change(parseNote(text));
      if (note === 'unchanged') return note;
      return { text: JSON.stringify({ ...note, version: 1, nonce: createNonce() }) };
    });
  } catch (failure) {
    users.report(failure);
  }
}

/**
 * Remembers for all contexts that the refresh of this very record was rejected, or that the server asked to be left
 * alone.
 */
export async function rememberFailure(
  entry: EntryState,
  { revision, session }: StoredRecord,
  error: ShelflifeError,
): Promise<void> {
  const { message, cause } = error;
  if (error instanceof RefreshRejectedError) return changeNote(entry, () => ({ revision, message, cause }));
  const wait = pauseOf(error);
  if (!wait) return;
  const pause = { until: entry.store.clock.now() + wait, wait, session, message, cause };
  await changeNote(entry, (note) => ({ ...(note.revision === revision ? note : {}), pause }));
}

/** The server has answered: a pause that it asked for is over, for all contexts. */
export async function forgetPause(entry: EntryState): Promise<void> {
  await changeNote(entry, ({ pause, ...note }) => (pause === undefined ? 'unchanged' : note));
}

/** The failure that a context remembered and that still holds for this record. `isHastened`: no pause does. */
export async function rememberedFailure(
  entry: EntryState,
  { revision, session }: StoredRecord,
  isHastened: boolean,
): Promise<ShelflifeError | undefined> {
  const { key, store } = entry;
  const note = parseNote(await store.storage.read(keyOf(entry), concernOf(entry)));
  if (note.revision === revision) {
    const { message, cause } = told(note);
    return new RefreshRejectedError(message, { key, cause });
  }
  if (isHastened || !isObject(note.pause)) return undefined;
  const { until, wait, session: about } = note.pause as Record<string, unknown>;
  if (about !== session || typeof until !== 'number' || typeof wait !== 'number') return undefined;
  const left = pauseLeft({ failedAt: until - wait, pause: wait }, store.clock.now());
  return left ? pausedError(told(note.pause), key, left) : undefined;
}
