import type { Credentials, CredentialsInput } from '../credentials/Credentials.js';
import { isPromise } from '../async/isPromise.js';
import { isDeepEqual } from '../credentials/isDeepEqual.js';
import { handOut, parseMembers } from '../credentials/parseCredentials.js';
import { createNonce } from '../record/createNonce.js';
import { type NextRecord, type StoredRecord, tokensOf } from '../record/StoredRecord.js';
import type { EntryState } from '../state/model.js';
import { changeRecord, removeBeside, removeRecord } from '../state/write.js';

/** Replaces the whole record, also a damaged one. Other tokens are another session. */
export async function set(entry: EntryState, input: CredentialsInput): Promise<void> {
  const credentials = parseMembers(input);
  const next = (current: StoredRecord | undefined): NextRecord => {
    const isSame = current && tokensOf(current.credentials) === tokensOf(credentials);
    return { credentials, session: isSame ? current.session : createNonce() };
  };
  await changeRecord(entry, next, true);
}

/** Changes the record by a function of the user's; what is stored then. */
export async function update(
  entry: EntryState,
  change: (current: Credentials | undefined) => CredentialsInput | undefined,
): Promise<Credentials | undefined> {
  if (typeof change !== 'function') throw new TypeError('update() takes a function.');
  const record = await changeRecord(entry, (current) => {
    const input = change(current && handOut(current.credentials));
    if (isPromise(input)) {
      input.then(undefined, () => {});
      throw new TypeError('update() takes a synchronous function.');
    }
    if (input === undefined) return current ? undefined : 'unchanged';
    const credentials = parseMembers(input);
    if (!current) return { credentials, session: createNonce() };
    if (isDeepEqual(credentials, current.credentials)) return 'unchanged';
    // A mark is about one access token.
    const isMarked = credentials.access_token === current.credentials.access_token;
    return { credentials, session: current.session, mark: isMarked ? current.mark : undefined };
  });
  return record && handOut(record.credentials);
}

/** Removes the record, and what was kept beside it. */
export async function remove(entry: EntryState): Promise<void> {
  await removeRecord(entry);
  for (const kind of ['#damaged', '#rejection'] as const) await removeBeside(entry, kind);
}

/** Marks the record as queued for refresh, unless another access token than the refused one is stored by now. */
export async function invalidate(entry: EntryState, accessToken: string | undefined): Promise<void> {
  if (accessToken !== undefined && typeof accessToken !== 'string') {
    throw new TypeError('invalidate() takes the access token that was refused, a string.');
  }
  await changeRecord(entry, (current) => {
    const isAnother = accessToken !== undefined && accessToken !== current?.credentials.access_token;
    if (!current || isAnother || current.mark === 'queued') return 'unchanged';
    return { credentials: current.credentials, session: current.session, mark: 'queued' };
  });
}
