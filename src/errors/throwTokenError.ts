import { RefreshFailedError } from './RefreshFailedError.js';
import { RefreshRejectedError } from './RefreshRejectedError.js';
import { readMember } from './summarizeCause.js';
import { permanentCode } from './permanentCode.js';

/** Throws if an answer is not tokens but an error of RFC 6749 §5.2. Its description is left out: it may quote a token. */
export function throwTokenError(answer: unknown): void {
  const error = readMember(answer, 'error');
  if (!error) return;
  const message = 'The token endpoint answered with an error';
  const permanent = permanentCode(answer);
  const isCode = typeof error === 'string' && /^[a-z_]{1,40}$/.test(error);
  const code = permanent ?? (isCode && error);
  const cause = { name: 'OAuthError', ...(code && { code }), message: '' };
  if (permanent) throw new RefreshRejectedError(`${message}: ${permanent}.`, { cause });
  throw new RefreshFailedError(`${message} that may pass.`, { cause });
}
