import { isDate } from '../credentials/parseInstant.js';
import type { Format } from './Format.js';
import { deadlineOf, hasAny, hasText, textOf, without } from './members.js';
import { readInstant } from './readInstant.js';

/** What `JSON.stringify` makes of a token of simple-oauth2: the answer, and the instant of expiry as a text. */
export const simpleOAuth2: Format = {
  name: 'simple-oauth2',
  title: "simple-oauth2's AccessToken",
  writable: true,
  expected: 'access_token, expires_in and expires_at as a date-time',
  usual: ['access_token', 'refresh_token', 'token_type', 'expires_in', 'expires_at', 'scope'],
  limits: 'it has an access_token and a lifetime always',
  takes: (input) => hasText(input, 'access_token'),
  fits: (input) =>
    hasText(input, 'access_token') &&
    hasAny(input, 'expires_in') &&
    (isDate(input['expires_at']) || /^\d+\D/.test(textOf(input, 'expires_at'))),
  read: (input) => ({
    members: without(input, 'expires_at'),
    deadline: readInstant(input, 'expires_at', 'any'),
  }),
  write: (credentials) => {
    const deadline = deadlineOf(credentials);
    return deadline === undefined
      ? undefined
      : { ...without(credentials, 'issued_at'), expires_at: new Date(deadline) };
  },
};
