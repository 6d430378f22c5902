import { isShelflifeError } from '../errors/isShelflifeError.js';
import { permanentCode } from '../errors/permanentCode.js';
import { redact } from '../errors/redact.js';
import { RefreshFailedError } from '../errors/RefreshFailedError.js';
import { RefreshRejectedError } from '../errors/RefreshRejectedError.js';
import type { ShelflifeError } from '../errors/ShelflifeError.js';
import { readMember, summarizeCause } from '../errors/summarizeCause.js';

/** Makes the typed error of whatever the `refresh` callback threw: permanent, or one that may pass. */
export function classifyFailure(failure: unknown, key: string, secrets: readonly string[]): ShelflifeError {
  const isOurs = isShelflifeError(failure);
  const code = permanentCode(failure);
  const isRejected = isOurs && failure.name === 'RefreshRejectedError';
  const said = isOurs && failure.message && redact(failure.message, secrets);
  const summary = summarizeCause(isRejected && failure.cause ? failure.cause : failure, secrets);
  const cause = code ? { code, ...summary } : summary;
  if (isRejected || code) {
    const message =
      said || `The authorization server rejected the refresh${code ? ` (${code})` : ''}. Sign in again.`;
    return new RefreshRejectedError(message, { cause, key });
  }
  const retryAfter = Number(readMember(failure, 'retryAfter'));
  const message = said || `The refresh callback failed: ${cause.message || cause.name}`;
  return new RefreshFailedError(message, {
    cause,
    key,
    retryAfter: retryAfter >= 0 ? retryAfter : undefined,
  });
}
