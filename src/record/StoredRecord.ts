import type { Credentials } from '../credentials/Credentials.js';
import { isPlainObject } from '../credentials/copyPlain.js';
import { parseMembers } from '../credentials/parseCredentials.js';
import { CorruptRecordError } from '../errors/CorruptRecordError.js';
import { InvalidCredentialsError } from '../errors/InvalidCredentialsError.js';
import { UnsupportedVersionError } from '../errors/UnsupportedVersionError.js';
import type { Mark } from '../expiry/Expiry.js';
import { type Lifetime, lifetimeOf } from '../expiry/expiryOf.js';
import type { Codec } from './Codec.js';
import { createNonce } from './createNonce.js';

/** The version of the envelope that this package writes. */
const version = 1;

/** What is stored under a key, decoded. Never handed out, never changed. */
export interface StoredRecord {
  /** The stored text: what `compareAndSet` expects. */
  readonly text: string;
  /** New with every write, so that no stored value repeats; made of its text in a bare record. */
  readonly revision: string;
  /** New with every sign-in: kept by refresh, `update` and `invalidate`. */
  readonly session: string;
  readonly mark: Mark | undefined;
  readonly credentials: Credentials;
  readonly lifetime: Lifetime;
  /** What tells these tokens from others. */
  readonly tokens: string;
  /** The same of what is stored, where newer credentials wait in memory for their write. */
  readonly storedTokens: string;
}

/** What a write puts into the envelope. */
export interface NextRecord {
  readonly credentials: Credentials;
  readonly session: string;
  readonly mark?: Mark | undefined;
}

/** What tells the tokens in credentials from others. Not to be shown. */
export function tokensOf({ access_token, refresh_token }: Credentials): string {
  return JSON.stringify([access_token, refresh_token]);
}

function toRecord(text: string, revision: string, { credentials, session, mark }: NextRecord): StoredRecord {
  const tokens = tokensOf(credentials);
  return {
    text,
    revision,
    session,
    mark,
    credentials,
    lifetime: lifetimeOf(credentials),
    tokens,
    storedTokens: tokens,
  };
}

/** A stored record with newer credentials over it, which wait in memory for their write. */
export function overlayRecord(stored: StoredRecord, next: NextRecord): StoredRecord {
  return { ...toRecord(stored.text, stored.revision, next), storedTokens: stored.storedTokens };
}

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
 * No cause is kept of a failure, since parsers quote what they read.
 */
export function decodeRecord(text: string, codec: Codec): StoredRecord {
  let why = '';
  for (const decode of [(encoded: string) => codec.decode(encoded), JSON.parse]) {
    try {
      const record = interpret(text, decode(text));
      if (record) return record;
    } catch (error) {
      if (error instanceof UnsupportedVersionError) throw error;
      if (error instanceof InvalidCredentialsError) why = ` (${error.message})`;
    }
  }
  throw new CorruptRecordError(
    `What is stored is not a record${why}. It was left as it is: set() keeps a copy and replaces it, delete() removes it.`,
  );
}
