import { RefreshFailedError } from '../errors/RefreshFailedError.js';
import { RefreshRejectedError } from '../errors/RefreshRejectedError.js';
import { readMember } from '../errors/summarizeCause.js';
import { permanentCode } from './permanentCode.js';

/** Throws if an answer is not tokens but an error of RFC 6749 §5.2. Its description is left out: it may quote a token. */
export function throwTokenError(answer: unknown): void {
  const code = readMember(answer, 'error');
  if (typeof code !== 'string') return;
  const message = 'The token endpoint answered with an error';
  const cause = { name: 'OAuthError', ...(/^[a-z_]{1,40}$/.test(code) && { code }), message: '' };
  if (permanentCode(answer)) throw new RefreshRejectedError(`${message}: ${code}.`, { cause });
  throw new RefreshFailedError(`${message} that may pass.`, { cause });
}
