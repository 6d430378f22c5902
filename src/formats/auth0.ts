import { isPlainObject } from '../credentials/copyPlain.js';
import type { Format } from './Format.js';
import { deadlineInSeconds, hasAny, hasObject, hasText, without } from './members.js';
import { readInstant } from './readInstant.js';

/** An entry of auth0-spa-js' cache: the answer of the token endpoint, with the instant of expiry beside it. */
export const auth0: Format = {
  name: 'auth0',
  title: "auth0-spa-js' cache entry",
  writable: true,
  expected: 'body (with access_token) and expiresAt',
  usual: ['body', 'expiresAt'],
  limits: 'it has an access_token and a lifetime always, and counts whole seconds',
  takes: (input) => auth0.fits(input),
  fits: ({ body, ...rest }) =>
    isPlainObject(body) && hasText(body, 'access_token') && hasAny(rest, 'expiresAt'),
  read: (input) => ({
    members: hasObject(input, 'body') ? (input['body'] as Record<string, unknown>) : {},
    deadline: readInstant(input, 'expiresAt', 'seconds'),
  }),
  write: (credentials) => {
    const seconds = deadlineInSeconds(credentials);
    return seconds === undefined
      ? undefined
      : { body: without(credentials, 'issued_at'), expiresAt: seconds };
  },
};
