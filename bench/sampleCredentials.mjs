import { randomBytes } from 'node:crypto';

/** Credentials as large as those of the usual providers: an id_token of a kilobyte, two opaque tokens. */
export function sampleCredentials() {
  return {
    access_token: randomBytes(32).toString('base64url'),
    refresh_token: randomBytes(32).toString('base64url'),
    id_token: randomBytes(750).toString('base64url'),
    token_type: 'Bearer',
    scope: 'openid profile email',
    issued_at: new Date(),
    expires_in: 3600,
  };
}
