import { isPlainObject } from '../credentials/copyPlain.js';
import { RefreshRejectedError } from '../errors/RefreshRejectedError.js';
import type { EntryState } from '../store/EntryState.js';
import { createNonce } from '../store/createNonce.js';
import { storageKey } from '../store/storageKeys.js';
import type { StoredRecord } from '../store/StoredRecord.js';

const keyOf = ({ store, key }: EntryState): string => storageKey(store.options.namespace, key, '#rejection');

/** Remembers for all contexts that the refresh of this very record was rejected. What fails here is only told. */
export async function rememberRejection(
  state: EntryState,
  record: StoredRecord,
  error: RefreshRejectedError,
): Promise<void> {
  const { storage } = state.store;
  const { message, cause } = error;
  const text = JSON.stringify({
    version: 1,
    nonce: createNonce(),
    revision: record.revision,
    message,
    cause,
  });
  try {
    await storage.swap(keyOf(state), state, () => text);
  } catch (failure) {
    state.store.report(failure);
  }
}

/** The rejection of this very record that a context remembered, if any. */
export async function rememberedRejection(
  state: EntryState,
  record: StoredRecord,
): Promise<RefreshRejectedError | undefined> {
  const text = await state.store.storage.get(keyOf(state), state);
  if (text === undefined) return undefined;
  try {
    const { revision, message, cause } = JSON.parse(text) as {
      revision?: unknown;
      message?: unknown;
      cause?: unknown;
    };
    if (revision !== record.revision) return undefined;
    return new RefreshRejectedError(String(message), {
      key: state.key,
      ...(isPlainObject(cause) && { cause }),
    });
  } catch {
    return undefined;
  }
}
