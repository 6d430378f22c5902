import type { Format } from './Format.js';
import { hasObject, hasText, without } from './members.js';
import { readInstant } from './readInstant.js';

/** The user that oidc-client-ts keeps under `oidc.user:<authority>:<client_id>`. */
export const oidcClientTs: Format = {
  name: 'oidc-client-ts',
  title: "oidc-client-ts' stored User",
  writable: false,
  expected: 'access_token and profile',
  usual: [
    'id_token',
    'session_state',
    'access_token',
    'refresh_token',
    'token_type',
    'scope',
    'profile',
    'expires_at',
  ],
  limits:
    'it has an access_token and a profile always, and tells when a token expires, but not when it was issued',
  takes: (input) => oidcClientTs.fits(input),
  fits: (input) => hasText(input, 'access_token') && hasObject(input, 'profile'),
  read: (input) => ({
    members: without(input, 'expires_at'),
    deadline: readInstant(input, 'expires_at', 'seconds'),
  }),
  write: (credentials) => without(credentials, 'issued_at', 'expires_in'),
};
