import type { Format } from './Format.js';
import { hasAny, without } from './members.js';
import { readInstant } from './readInstant.js';

/** The `Credentials` of google-auth-library, as in the token files of its samples. */
export const google: Format = {
  name: 'google',
  title: "google-auth-library's Credentials",
  writable: false,
  expected: 'expiry_date',
  usual: ['access_token', 'refresh_token', 'token_type', 'id_token', 'scope', 'expiry_date'],
  limits: 'it tells when a token expires, but not when it was issued',
  nullable: ['refresh_token'],
  takes: (input) => hasAny(input, 'access_token', 'refresh_token'),
  fits: (input) => hasAny(input, 'expiry_date'),
  read: (input) => ({
    // `null` is "not known" there.
    members: without(input, 'expiry_date', ...(input['access_token'] === null ? ['access_token'] : [])),
    deadline: readInstant(input, 'expiry_date', 'milliseconds'),
  }),
  write: (credentials) => without(credentials, 'issued_at', 'expires_in'),
};
