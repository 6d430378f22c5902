import type { Format } from './Format.js';
import { hasAny, hasText } from './members.js';

/** The tokens of the Model Context Protocol SDK: an answer of a token endpoint, stamped with its issuer. */
export const mcp: Format = {
  name: 'mcp',
  title: "The Model Context Protocol SDK's OAuthTokens",
  writable: false,
  expected: 'access_token, token_type and issuer',
  usual: ['access_token', 'token_type', 'expires_in', 'refresh_token', 'scope', 'id_token', 'issuer'],
  limits: 'it has an access_token always, and no issued_at',
  takes: (input) => hasText(input, 'access_token'),
  fits: (input) =>
    ['access_token', 'token_type', 'issuer'].every((member) => hasText(input, member)) &&
    !hasAny(input, 'expires_at', 'expires_on', 'expiry_date', 'instance_url'),
  read: (members) => ({ members }),
  write: ({ issued_at: _issuedAt, ...members }) => members,
};
