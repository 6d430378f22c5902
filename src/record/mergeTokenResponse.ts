import { deadlineNames } from '../credentials/applyDeadline.js';
import type { Credentials } from '../credentials/Credentials.js';
import { lifetimeOf } from '../expiry/expiryOf.js';
import type { NextRecord } from './StoredRecord.js';

/**
 * Merges a checked answer into what is stored, by group: `access_token`, `issued_at` and `expires_in` are replaced as
 * one unit; a `refresh_token` that is omitted stays (RFC 6749 §6); any other member replaces its namesake, absent
 * ones stay, but for other names of the deadline, which would be that of the old token.
 */
export function mergeTokenResponse(
  current: { readonly credentials: Credentials; readonly session: string },
  answer: Credentials,
): NextRecord {
  const { issued_at: _issuedAt, expires_in: _expiresIn, ...kept } = current.credentials;
  for (const name of deadlineNames) delete kept[name];
  const credentials = { ...kept, ...answer };
  // Where the server never tells a lifetime, a second refresh would not tell it either.
  const mark = lifetimeOf(credentials).deadline === undefined ? 'used-as-is' : undefined;
  return { credentials, session: current.session, mark };
}
