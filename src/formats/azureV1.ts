import type { Format } from './Format.js';
import { deadlineInSeconds, hasAny, hasText, without } from './members.js';
import { readInstant } from './readInstant.js';

/** What Azure AD's endpoints of version 1 answer, and managed identities still: numbers as texts, in seconds. */
export const azureV1: Format = {
  name: 'azure-v1',
  title: "Azure AD v1's and managed identities' token endpoint",
  writable: true,
  expected: 'access_token and expires_on',
  usual: [
    'access_token',
    'refresh_token',
    'token_type',
    'expires_in',
    'expires_on',
    'not_before',
    'resource',
  ],
  limits: 'it has an access_token and a lifetime always, and counts whole seconds',
  takes: (input) => azureV1.fits(input),
  fits: (input) => hasText(input, 'access_token') && hasAny(input, 'expires_on'),
  read: (input) => ({
    members: without(input, 'expires_on'),
    deadline: readInstant(input, 'expires_on', 'seconds'),
  }),
  write: (credentials) => {
    const seconds = deadlineInSeconds(credentials);
    if (seconds === undefined) return undefined;
    const times = { expires_in: String(credentials.expires_in), expires_on: String(seconds) };
    return { ...without(credentials, 'issued_at'), ...times };
  },
};
