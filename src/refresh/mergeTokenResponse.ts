import type { Credentials } from '../credentials/Credentials.js';
import { tolerableSkew } from '../credentials/fromTokenResponse.js';
import { parseMembers } from '../credentials/parseCredentials.js';
import { lifetimeOf } from '../expiry/expiryOf.js';
import type { NextRecord } from '../store/StoredRecord.js';

/** A token endpoint's answer to a refresh, checked, and when it was asked for and came. */
export interface TokenAnswer {
  readonly credentials: Credentials;
  /** The time just before the request, milliseconds since the epoch: the safe anchor of the lifetime. */
  readonly askedAt: number;
  readonly answeredAt: number;
}

/**
 * Merges an answer into what is stored, by group: `access_token`, `issued_at` and `expires_in` are replaced as one
 * unit; a `refresh_token` that is omitted stays (RFC 6749 §6); any other member replaces its namesake, absent ones stay.
 */
export function mergeTokenResponse(
  current: { readonly credentials: Credentials; readonly session: string },
  { credentials: answer, askedAt, answeredAt }: TokenAnswer,
): NextRecord {
  const { issued_at: _issuedAt, expires_in: _expiresIn, ...kept } = current.credentials;
  const issuedAt = answer.issued_at?.getTime() ?? Number.NaN;
  const isBelievable = Math.abs(issuedAt - answeredAt) <= tolerableSkew;
  const merged = { ...kept, ...answer, issued_at: new Date(isBelievable ? issuedAt : askedAt) };
  // With another time of issue, a lifetime may end beyond the range of Date; that must not cost the tokens.
  const credentials = parseMembers(merged, () => {});
  // Where the server never tells a lifetime, a second refresh would not tell it either.
  const mark = lifetimeOf(credentials).deadline === undefined ? 'used-as-is' : undefined;
  return { credentials, session: current.session, mark };
}
