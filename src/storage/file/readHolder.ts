import { createHash } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { CorruptRecordError } from '../../errors/CorruptRecordError.js';
import { errorCode } from './errorCode.js';
import { type Identity, parseIdentity } from './Identity.js';
import { readTextSync } from './readTextSync.js';

/** Who holds a lock, as it says. */
export interface Holder {
  /** Undefined if the lock does not say: half of it was lost, or it is not from this package. */
  readonly identity: Identity | undefined;
  readonly nonce: string;
  /** Whether it is something that nobody takes a lock with: a pipe, a link, a directory with nothing in it. */
  readonly isNoLock: boolean;
}

/** The name of the id file in an owner's directory, and in a lock that is a directory. */
export const ID = 'id';

/**
 * Reads a lock; `undefined` if nobody holds it. A lock is a link to its holder's id file, or a directory with a
 * copy of it.
 *
 * At once, which takes some microseconds: the less time between such a look and what is done on it, the better.
 */
export function readHolder(path: string): Holder | undefined {
  try {
    return read(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    if (!(error instanceof CorruptRecordError)) throw error;
  }
  try {
    return read(join(path, ID));
  } catch (error) {
    const isTooManyOpen = ['EMFILE', 'ENFILE'].includes(errorCode(error));
    if (isTooManyOpen) throw error;
  }
  return whatever(path);
}

/** 32 hexadecimal digits that stand for a text. */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

function read(path: string): Holder {
  const { text, status } = readTextSync(path);
  const identity = parseIdentity(text);
  return { identity, nonce: identity?.nonce ?? shortHash(`${status.ino}:${text}`), isNoLock: false };
}

function whatever(path: string): Holder | undefined {
  const status = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (status === undefined) return undefined;
  return { identity: undefined, nonce: shortHash(`${status.ino}:${status.mode}`), isNoLock: true };
}
