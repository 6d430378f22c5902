import type { Format } from './Format.js';
import { deadlineInSeconds, hasAny, hasObject, hasText, without } from './members.js';
import { readInstant } from './readInstant.js';
import { simpleOAuth2 } from './simpleOAuth2.js';

/** The names of RFC 6749 with the instant of expiry: Auth.js' accounts, openid-client 5, firebase-tools, and many a script. */
export const expiresAt: Format = {
  name: 'expires-at',
  title: 'RFC 6749 names with expires_at',
  writable: true,
  expected: 'access_token and expires_at',
  usual: ['access_token', 'refresh_token', 'token_type', 'expires_at', 'scope'],
  limits: 'it has an access_token and a lifetime always, and counts whole seconds',
  takes: (input) => hasText(input, 'access_token') && hasAny(input, 'expires_at'),
  fits: (input) =>
    expiresAt.takes(input) &&
    !hasObject(input, 'user') &&
    !hasObject(input, 'profile') &&
    !simpleOAuth2.fits(input),
  read: (input) => ({
    members: without(input, 'expires_at'),
    deadline: readInstant(input, 'expires_at', 'any'),
  }),
  write: (credentials) => {
    const seconds = deadlineInSeconds(credentials);
    return seconds === undefined ? undefined : { ...without(credentials, 'issued_at'), expires_at: seconds };
  },
};
