import { RefreshFailedError } from './RefreshFailedError.js';
import { RefreshRejectedError } from './RefreshRejectedError.js';
import { readMember } from './summarizeCause.js';
import { serverWord } from './serverWord.js';

/**
 * Throws if an answer is not tokens but an error: one of RFC 6749 §5.2, or without a token and with an error code
 * in another shape. Its description is left out: it may quote a token.
 */
export function throwTokenError(answer: unknown, rejectedCodes: readonly string[] = []): void {
  const isError = !!readMember(answer, 'error');
  if (!isError && readMember(answer, 'access_token')) return;
  const { code, isPermanent, retryAfter } = serverWord([answer], rejectedCodes);
  if (!isError && code === undefined) return;
  const message = 'The token endpoint answered with an error';
  const cause = { name: 'OAuthError', ...(code && { code }), message: '' };
  if (isPermanent) throw new RefreshRejectedError(`${message}: ${code}.`, { cause });
  throw new RefreshFailedError(`${message} that may pass${code ? ` (${code})` : ''}.`, { cause, retryAfter });
}
