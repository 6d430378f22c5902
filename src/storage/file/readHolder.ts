import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { errorCode } from './errorCode.js';
import { type Identity, parseIdentity } from './Identity.js';

/** Who holds a lock, as its file says. */
export interface Holder {
  /** Undefined if the file does not say: half of it was lost, or it is not from this package. */
  readonly identity: Identity | undefined;
  readonly nonce: string;
  /** The last heartbeat, in milliseconds since the epoch. */
  readonly heartbeat: number;
}

/**
 * Reads a lock; `undefined` if nobody holds it.
 *
 * At once, which takes some microseconds: the less time between such a look and what is done on it, the better.
 */
export function readHolder(path: string): Holder | undefined {
  let file;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const { ino, mtimeMs } = fstatSync(file);
    const text = readFileSync(file, 'utf8');
    const identity = parseIdentity(text);
    return { identity, nonce: identity?.nonce ?? shortHash(`${ino}:${text}`), heartbeat: mtimeMs };
  } finally {
    closeSync(file);
  }
}

/** 32 hexadecimal digits that stand for a text. */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
