import { InvalidCredentialsError } from '../errors/InvalidCredentialsError.js';
import { applyDeadline } from './applyDeadline.js';
import type { Credentials } from './Credentials.js';
import { parseCredentials, parseMembers } from './parseCredentials.js';
import { parseInstant } from './parseInstant.js';
import { throwTokenError } from '../errors/throwTokenError.js';

/** How far a server's clock may be off before its `issued_at` is not believed, in milliseconds. */
export const tolerableSkew = 60_000;

/**
 * Makes credentials of a token endpoint's answer, stamping the time of issue where it has none.
 *
 * Pass `issuedAt` as the time just before the request was sent: the lifetime counts "from the time the response
 * was generated" (RFC 6749 §5.1), so that time is the safe anchor; the default is now. An `expires_at`, `expires_on`
 * or `expiry_date` (seconds or milliseconds since the epoch, or a date-time with offset) gives the deadline, so that
 * a session which a library stored is read back right. An `issued_at` in the answer that lies more than 60 s in
 * the local future is replaced by the anchor.
 *
 * @throws {InvalidCredentialsError} where the answer has no string `access_token` or a member is unusable.
 * @throws {RefreshRejectedError | RefreshFailedError} where the answer is an error of RFC 6749 §5.2.
 *
 * @example
 * ```ts
 * const issuedAt = new Date();
 * const response = await fetch(tokenEndpoint, { method: 'POST', body });
 * await session.set(fromTokenResponse(await response.json(), { issuedAt }));
 * ```
 */
export function fromTokenResponse(
  response: unknown,
  { issuedAt = new Date() }: { readonly issuedAt?: Date | number | undefined } = {},
): Credentials {
  const anchor = new Date(parseInstant(issuedAt));
  if (Number.isNaN(anchor.getTime()))
    throw new TypeError('The option "issuedAt" must be a valid Date or milliseconds since the epoch.');
  throwTokenError(response);
  const credentials = parseMembers(response);
  if (!credentials.access_token) {
    throw new InvalidCredentialsError(
      'access_token: expected a string in the answer of the token endpoint.',
      { member: 'access_token' },
    );
  }
  const latest = Date.now() + tolerableSkew;
  const isBelieved = (): boolean => !!credentials.issued_at && credentials.issued_at.getTime() <= latest;
  if (!isBelieved()) delete credentials.issued_at;
  applyDeadline(credentials, anchor.getTime());
  if (!isBelieved()) credentials.issued_at = anchor;
  return parseCredentials(credentials);
}
