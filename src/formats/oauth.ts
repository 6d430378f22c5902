import type { Format } from './Format.js';
import { hasAny, hasText } from './members.js';

/** What a token endpoint answers (RFC 6749 §5.1). It says how long a token lives, but not from when on. */
export const oauth: Format = {
  name: 'oauth',
  title: "A token endpoint's answer, RFC 6749 §5.1",
  writable: false,
  expected: 'access_token and token_type, without another time than expires_in',
  usual: ['access_token', 'token_type', 'expires_in', 'refresh_token', 'scope', 'id_token'],
  limits: 'it has an access_token always, and no issued_at',
  takes: (input) => hasText(input, 'access_token'),
  fits: (input) =>
    hasText(input, 'access_token') &&
    hasText(input, 'token_type') &&
    !hasAny(input, 'expires_at', 'expires_on', 'expiry_date', 'issuer', 'instance_url'),
  read: (members) => ({ members }),
  write: ({ issued_at: _issuedAt, ...members }) => members,
};
