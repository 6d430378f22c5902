import type { MaybePromise } from '../async/isPromise.js';
import { CorruptRecordError } from '../errors/CorruptRecordError.js';
import type { ShelflifeError } from '../errors/ShelflifeError.js';
import { encodeRecord } from '../record/encodeRecord.js';
import { storageKey, type StoredKind } from '../record/storageKeys.js';
import { type NextRecord, storedOf, type StoredRecord } from '../record/StoredRecord.js';
import { isAbout } from '../record/UnsavedRefresh.js';
import { slotOf } from './BackendContext.js';
import type { Expectation, Replacement } from './BoundedStorage.js';
import type { EntryState, Saving } from './model.js';
import { begin, type Found } from './order.js';
import { concernOf, decode, parse, publishFound } from './read.js';
import { setAside } from './setAside.js';
import { dropSaving, saveFailed } from './saving.js';

/** What is to become of what is stored: another record is stored (`undefined`: none), or it is kept as it is. */
export interface Decision {
  readonly isKept: boolean;
  readonly record: StoredRecord | undefined;
}

/** What a write came to. */
export interface Written extends Found, Decision {}

/**
 * The one way in which the record of an entry is changed, whoever asks. Writes to one key queue inside a context.
 * `decide` may run several times; first on what is expected to be stored, which is what is known, or `expected`.
 * `mends`: it replaces or deletes also what is no text.
 */
function commit(
  entry: EntryState,
  decide: (text: string | undefined) => MaybePromise<Decision>,
  publish: (written: Written) => MaybePromise<unknown>,
  { expected, mends = false }: { expected?: StoredRecord | undefined; mends?: boolean } = {},
): Promise<Written> {
  const { storageKey: key, store } = entry;
  const slot = slotOf(entry);
  return store.context.writes.run(key, async () => {
    const begun = begin(entry);
    let { saving } = begun;
    let written!: Written;
    const change = async (text: string | undefined): Promise<Replacement | 'unchanged'> => {
      // What is refreshed from here on is not in what this writes.
      ({ saving } = slot);
      const decision = await decide(text);
      if (!decision.isKept && decision.record) entry.lastWritten = decision.record.credentials;
      // What is kept was read since this began; what is stored is later than all that began before the comparison.
      written = { ...decision, begun: decision.isKept ? begun : begin(entry) };
      return decision.isKept ? 'unchanged' : { text: decision.record?.text };
    };
    const expectation = expected ? { text: storedOf(expected).text } : knownText(entry);
    await store.storage.swap(key, concernOf(entry), change, { expectation, mends });
    if (!written.isKept) {
      dropSaving(slot, saving);
      await publish(written);
    }
    return written;
  });
}

/** The text that is expected to be stored. Where reading costs no wait, it is read instead. */
function knownText({ known, store }: EntryState): Expectation | undefined {
  const { isLoaded, record, readRetry } = known;
  if (!isLoaded || readRetry || store.storage.isSynchronous) return undefined;
  return { text: record && storedOf(record).text };
}

/**
 * Changes a record atomically, and publishes it. `replacesDamaged`: a damaged record is set aside and counts as absent.
 *
 * @returns what is stored then.
 */
export async function changeRecord(
  entry: EntryState,
  change: (current: StoredRecord | undefined) => NextRecord | undefined | 'unchanged',
  replacesDamaged = false,
): Promise<StoredRecord | undefined> {
  const decide = async (text: string | undefined): Promise<Decision> => {
    let current: StoredRecord | undefined;
    try {
      current = decode(entry, text);
    } catch (error) {
      if (!replacesDamaged || !(error instanceof CorruptRecordError)) throw error;
      await setAside(entry, text!);
    }
    const next = change(current);
    if (next === 'unchanged') return { isKept: true, record: current };
    return { isKept: false, record: next && encodeRecord(next, entry.store.options.codec) };
  };
  return (await commit(entry, decide, publishFound, { mends: replacesDamaged })).record;
}

/** Removes whatever is stored for an entry, readable or not, and what the backend set aside of it. */
export async function removeRecord(entry: EntryState): Promise<void> {
  const decide = (text: string | undefined): Decision => {
    try {
      parse(entry, text);
    } catch {
      // It need not be readable; if it is, its tokens are to appear in no error.
    }
    return { isKept: false, record: undefined };
  };
  await commit(entry, decide, publishFound, { mends: true });
}

/**
 * Writes refreshed credentials, under the lease: it is published by the caller when that is given back. `expected`: what
 * was read under the lease. Where the write fails, it is tried again by itself.
 */
export async function commitRefreshed(saving: Saving, expected: StoredRecord | undefined): Promise<Written> {
  const { entry } = saving;
  const slot = slotOf(entry);
  const decide = (text: string | undefined): Decision => {
    const record = decode(entry, text);
    if (slot.saving !== saving || !record || !isAbout(saving.refresh, record))
      return { isKept: true, record };
    return { isKept: false, record: encodeRecord(record, entry.store.options.codec) };
  };
  let written: Written;
  try {
    written = await commit(entry, decide, () => undefined, { expected });
  } catch (error) {
    saveFailed(slot, saving, error as ShelflifeError, entry.store.clock.now());
    throw error;
  }
  // They are stored, or not about what is stored any more.
  dropSaving(slot, saving);
  return written;
}

/** Removes what is kept beside the record of an entry. */
export function removeBeside(entry: EntryState, kind: Exclude<StoredKind, ''>): Promise<boolean> {
  const { options, storage } = entry.store;
  return storage.swap(storageKey(options.namespace, entry.key, kind), concernOf(entry), (text) =>
    text === undefined ? 'unchanged' : { text: undefined },
  );
}
