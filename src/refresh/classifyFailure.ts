import { isShelflifeError } from '../errors/isShelflifeError.js';
import { redact } from '../errors/redact.js';
import { RefreshFailedError } from '../errors/RefreshFailedError.js';
import { RefreshRejectedError } from '../errors/RefreshRejectedError.js';
import type { ShelflifeError } from '../errors/ShelflifeError.js';
import { readMember, summarizeCause } from '../errors/summarizeCause.js';
import { wordsOf } from '../errors/wordsOf.js';
import { readBodies } from './readBodies.js';
import { serverWord } from '../errors/serverWord.js';

/** What classifying a failure needs to know. */
export interface FailedRefresh {
  readonly key: string;
  /** What must not appear in its text. */
  readonly secrets: readonly string[];
  readonly rejectedCodes: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Makes the typed error of whatever the `refresh` callback threw, or of an `answer` that is of no use: permanent, or
 * one that may pass.
 */
export async function classifyFailure(
  failure: unknown,
  answer: unknown,
  { key, secrets, rejectedCodes, now }: FailedRefresh,
): Promise<ShelflifeError> {
  const isOurs = isShelflifeError(failure);
  const ownCause = isOurs ? readMember(failure, 'cause') : undefined;
  // The code of an error of ours says nothing of the server.
  const thrown = isOurs ? { cause: ownCause, retryAfter: readMember(failure, 'retryAfter') } : failure;
  const roots = [thrown, answer, ...(await readBodies(thrown, answer))];
  const { code, isPermanent, retryAfter } = serverWord(roots, rejectedCodes, now);
  const isRejected = isPermanent || (isOurs && readMember(failure, 'name') === 'RefreshRejectedError');
  const said = isOurs && wordsOf(redact(String(readMember(failure, 'message')), secrets));
  const summary = summarizeCause(ownCause ?? failure, secrets);
  // A code is none where it quotes a token.
  const cause = code && redact(String(code), secrets) === String(code) ? { ...summary, code } : summary;
  if (isRejected) {
    const message =
      said ||
      `The authorization server rejected the refresh${isPermanent ? ` (${code})` : ''}. Sign in again.`;
    return new RefreshRejectedError(message, { cause, key });
  }
  const message = said || `The refresh callback failed: ${cause.message || cause.name}`;
  return new RefreshFailedError(message, { cause, key, retryAfter });
}
