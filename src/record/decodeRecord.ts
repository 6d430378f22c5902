import { isPlainObject } from '../credentials/copyPlain.js';
import { parseMembers } from '../credentials/parseCredentials.js';
import { CorruptRecordError } from '../errors/CorruptRecordError.js';
import { InvalidCredentialsError } from '../errors/InvalidCredentialsError.js';
import { UnsupportedVersionError } from '../errors/UnsupportedVersionError.js';
import type { Mark } from '../expiry/Expiry.js';
import type { Codec } from '../codec/Codec.js';
import { version } from './encodeRecord.js';
import { type StoredRecord, toRecord } from './StoredRecord.js';

const byteOrderMark = '\uFEFF';

/** Tells one bare record from another, and nothing about it (FNV-1a). */
function digest(text: string): string {
  let hash = 2166136261;
  for (const character of text) hash = Math.imul(hash ^ character.codePointAt(0)!, 16777619);
  return `bare ${hash}`;
}

/** The record that was decoded to an envelope of ours, or to bare credentials; `undefined` where it is neither. */
function interpret(text: string, decoded: unknown): StoredRecord | undefined {
  if (!isPlainObject(decoded)) return undefined;
  const { version: found, revision, session, mark, credentials, access_token, refresh_token } = decoded;
  if (typeof access_token === 'string' || typeof refresh_token === 'string')
    return toRecord(text, digest(text), { credentials: parseMembers(decoded), session: '' });
  if (found === version && typeof revision === 'string' && typeof session === 'string')
    return toRecord(text, revision, {
      credentials: parseMembers(credentials),
      session,
      mark: mark as Mark | undefined,
    });
  if (!Number.isInteger(found) || (found as number) <= version) return undefined;
  throw new UnsupportedVersionError(
    `The record has version ${found as number}, and this package reads ${version}. Update it; the record was left alone.`,
  );
}

/**
 * Reads a stored text: an envelope of ours, or bare JSON with a token in it, which superjson for one does not read.
 *
 * No cause is kept of a failure, since parsers quote what they read. Editors put a byte order mark before what they save.
 */
export function decodeRecord(text: string, codec: Codec): StoredRecord {
  let why = '';
  const decodeWith = (decode: (encoded: string) => unknown): StoredRecord | undefined => {
    try {
      return interpret(text, decode(text.startsWith(byteOrderMark) ? text.slice(1) : text));
    } catch (error) {
      if (error instanceof UnsupportedVersionError) throw error;
      if (error instanceof InvalidCredentialsError) why = ` (${error.message})`;
      return undefined;
    }
  };
  const record = decodeWith((each) => codec.decode(each)) ?? decodeWith(JSON.parse);
  if (record) return record;
  throw new CorruptRecordError(
    `What is stored is not a record${why}. It was left as it is: set() keeps a copy and replaces it, delete() removes it.`,
  );
}
