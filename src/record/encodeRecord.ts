import { InvalidCredentialsError } from '../errors/InvalidCredentialsError.js';
import type { Codec } from '../codec/Codec.js';
import { createNonce } from './createNonce.js';
import { type NextRecord, type StoredRecord, toRecord } from './StoredRecord.js';

/** The version of the envelope that this package writes. */
export const version = 1;

/** Puts credentials that passed the border into an envelope with a revision of its own. */
export function encodeRecord(next: NextRecord, codec: Codec): StoredRecord {
  const { credentials, session, mark } = next;
  const revision = createNonce();
  let text: unknown;
  try {
    text = codec.encode({ version, revision, session, ...(mark && { mark }), credentials });
  } catch {
    // What it says may quote a token.
    throw new InvalidCredentialsError('Credentials: expected members that the codec can encode.');
  }
  if (typeof text !== 'string') throw new TypeError('The option "codec" must encode to a string.');
  return toRecord(text, revision, next);
}
