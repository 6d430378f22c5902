import { attempt } from '../async/isPromise.js';
import { isDeepEqual } from '../credentials/isDeepEqual.js';
import { secretsOf } from '../credentials/secretsOf.js';
import type { ShelflifeError } from '../errors/ShelflifeError.js';
import type { Concern } from '../errors/toStorageError.js';
import { decodeRecord } from '../record/decodeRecord.js';
import { storedOf, type StoredRecord } from '../record/StoredRecord.js';
import { isAbout, mergeUnsaved } from '../record/UnsavedRefresh.js';
import type { MaybePromise } from '../storage/StorageBackend.js';
import { entriesOf, slotOf } from './BackendContext.js';
import { afterAnswer, afterReadFailure } from './Known.js';
import type { EntryState, StoreState } from './model.js';
import { begin, type Begun, type Found, isLast } from './order.js';
import { takeOver } from './publish.js';
import { dropSaving } from './saving.js';

/** The strings of an entry that must not appear in the text of an error. */
export function secretsIn({ known, lastRead, lastWritten }: EntryState): string[] {
  return secretsOf([known.record?.credentials, lastRead, lastWritten]);
}

/** What failures tell that concern an entry, and what they must not tell. */
export function concernOf(entry: EntryState): () => Concern {
  return () => ({ key: entry.key, secrets: secretsIn(entry) });
}

/** The same of failures that concern no entry in particular. */
export function concernOfAll({ entries }: StoreState): () => Concern {
  return () => ({ secrets: [...entries].flatMap(secretsIn) });
}

/** The record in a stored text, as it is. From here on, its tokens appear in no error. */
export function parse(entry: EntryState, text: string | undefined): StoredRecord | undefined {
  if (text === undefined) return undefined;
  const known = entry.known.record && storedOf(entry.known.record);
  const stored = known?.text === text ? known : decodeRecord(text, entry.store.options.codec);
  entry.lastRead = stored.credentials;
  return stored;
}

/** The record in a stored text, with the refreshed credentials over it that wait to be stored. */
export function decode(entry: EntryState, text: string | undefined): StoredRecord | undefined {
  let stored: StoredRecord | undefined;
  try {
    stored = parse(entry, text);
  } catch (error) {
    throw entry.store.storage.accessFailed(error, 'read', concernOf(entry));
  }
  const refresh = slotOf(entry).saving?.refresh;
  return stored && refresh && isAbout(refresh, stored) ? mergeUnsaved(refresh, stored) : stored;
}

function readBegun(entry: EntryState, { slot, saving }: Begun): MaybePromise<StoredRecord | undefined> {
  return attempt(
    () => entry.store.storage.read(entry.storageKey, concernOf(entry)),
    (text) => {
      const record = decode(entry, text);
      // Refreshed credentials that waited when the read began are not about what is stored by now.
      if (!record?.underneath) dropSaving(slot, saving);
      return record;
    },
  );
}

/** Reads storage and tells nobody. */
export function readQuietly(entry: EntryState): MaybePromise<Found> {
  const begun = begin(entry);
  return attempt(
    () => readBegun(entry, begun),
    (record) => ({ begun, record }),
  );
}

/** Reads storage and publishes what it read. */
export function read(entry: EntryState): MaybePromise<StoredRecord | undefined> {
  entry.wasRead = true;
  const begun = begin(entry);
  const { number } = begun;
  return attempt(
    () => readBegun(entry, begun),
    (record) => {
      takeOver(entry, begun, (known) => afterAnswer(known, number, record));
      return record;
    },
    (error) => {
      const served = servedFromMemory(entry);
      const now = entry.store.clock.now();
      takeOver(entry, begun, (known) =>
        afterReadFailure(known, number, error as ShelflifeError, now, served),
      );
      if (served) return served;
      throw error;
    },
  );
}

/** While refreshed credentials wait to be stored, an entry is served also where storage can't be read. */
function servedFromMemory(entry: EntryState): StoredRecord | undefined {
  const refresh = slotOf(entry).saving?.refresh;
  const { record } = entry.known;
  if (!refresh) return undefined;
  return record && !isAbout(refresh, record) ? record : mergeUnsaved(refresh, refresh.base);
}

/** Reads storage in the background; once more if a read that may have been too early is under way. */
export function reload(entry: EntryState): void {
  if (entry.reloading !== 'no') {
    entry.reloading = 'again';
    return;
  }
  entry.reloading = 'once';
  const before = entry.known.readRetry?.error;
  const ended = (): void => {
    const isOutdated = entry.reloading === 'again';
    entry.reloading = 'no';
    if (isOutdated) reload(entry);
  };
  void attempt(
    () => read(entry),
    ended,
    (error) => {
      // The same failure, again and again, is told once.
      if (!isDeepEqual(error, before)) entry.store.users.report(error);
      ended();
    },
  );
}

/**
 * Publishes to all stores what a write stored, or what was read quietly. Where another read or write has begun
 * meanwhile, nobody can say which is the later: then storage is read once more.
 */
export function publishFound({ begun, record }: Found): MaybePromise<unknown> {
  const entries = entriesOf(begun.slot);
  if (!isLast(begun)) return Promise.all(entries.map(readIgnoringFailure));
  for (const entry of entries) takeOver(entry, begun, (known) => afterAnswer(known, begun.number, record));
  return undefined;
}

async function readIgnoringFailure(entry: EntryState): Promise<void> {
  try {
    await read(entry);
  } catch {
    // It is published with the entry.
  }
}
