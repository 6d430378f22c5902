import { ConflictError } from '../errors/ConflictError.js';
import type { EntryState } from '../store/EntryState.js';
import { secretsOf } from '../store/secretsOf.js';
import { encodeRecord, type StoredRecord } from '../store/StoredRecord.js';
import { mergeTokenResponse, type TokenAnswer } from './mergeTokenResponse.js';
import { UnsavedRecord } from './UnsavedRecord.js';

/** What a commit came to, and how to publish it once no lock is held. */
export interface Committed {
  readonly record: StoredRecord;
  readonly publish: (record: StoredRecord) => void;
}

/**
 * Stores the answer to a refresh of a record. Where others changed the record but not its tokens, the answer is
 * merged into what is there now; where other tokens are stored, they stay.
 *
 * @throws {ConflictError} where the record is gone, or other tokens are stored that are no good.
 * @throws the storage's error where it can't be written; then the answer is served from memory.
 */
export async function commitAnswer(
  state: EntryState,
  base: StoredRecord,
  answer: TokenAnswer,
): Promise<Committed> {
  const { store, key, storageKey } = state;
  const { context, storage, options } = store;
  const conflict = (what: string): ConflictError =>
    new ConflictError(`The refreshed credentials were not stored: ${what}.`, {
      key,
      backend: storage.backend.name,
    });
  const secrets = secretsOf(base.credentials, answer.credentials);
  let current = base;
  try {
    for (;;) {
      const next = encodeRecord(mergeTokenResponse(current, answer), options.codec);
      const won = await storage.compareAndSet(storageKey, current.text, next.text, { key, secrets });
      if (won) {
        context.dropUnsaved(storageKey);
        return { record: next, publish: context.written(storageKey) };
      }
      const found = await state.peek();
      const publish = context.written(storageKey);
      if (!found) throw conflict('the user signed out meanwhile');
      if (found.text === next.text) return { record: found, publish };
      if (found.storedTokens === base.storedTokens) current = found;
      else if (state.isGood(found)) return { record: found, publish };
      else throw conflict('others were stored meanwhile');
    }
  } catch (error) {
    if (!(error instanceof ConflictError)) keepInMemory(state, current, answer);
    throw error;
  }
}

function keepInMemory(state: EntryState, current: StoredRecord, answer: TokenAnswer): void {
  const { context, clock } = state.store;
  const unsaved = state.unsaved?.with(answer) ?? new UnsavedRecord(state, current.storedTokens, [answer]);
  unsaved.plan(clock.now());
  context.keepUnsaved(state.storageKey, unsaved);
}
