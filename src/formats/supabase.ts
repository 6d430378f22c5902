import type { Format } from './Format.js';
import { deadlineInSeconds, hasObject, hasText, without } from './members.js';
import { readInstant } from './readInstant.js';

/** The session that supabase-js keeps under `sb-<project>-auth-token`. */
export const supabase: Format = {
  name: 'supabase',
  title: "supabase-js' Session",
  writable: true,
  expected: 'access_token, refresh_token and user',
  usual: ['access_token', 'refresh_token', 'token_type', 'expires_in', 'expires_at', 'user'],
  limits: 'it has an access_token, a refresh_token, a user and a lifetime always, and counts whole seconds',
  takes: (input) => supabase.fits(input),
  fits: (input) =>
    hasText(input, 'access_token') && hasText(input, 'refresh_token') && hasObject(input, 'user'),
  read: (input) => ({
    members: without(input, 'expires_at'),
    deadline: readInstant(input, 'expires_at', 'seconds'),
  }),
  write: (credentials) => {
    const seconds = deadlineInSeconds(credentials);
    return seconds === undefined ? undefined : { ...without(credentials, 'issued_at'), expires_at: seconds };
  },
};
