import type { Format } from './Format.js';
import { hasText, without } from './members.js';

/** What `gcloud auth application-default login` leaves: a refresh token, the client it belongs to, and no access token. */
export const gcloudAdc: Format = {
  name: 'gcloud-adc',
  title: "gcloud's application default credentials",
  writable: false,
  expected: 'type "authorized_user", client_id, client_secret and refresh_token',
  usual: ['type', 'client_id', 'client_secret', 'refresh_token', 'quota_project_id', 'universe_domain'],
  limits: 'it has no access_token, issued_at and expires_in, and a client_id and a client_secret always',
  takes: (input) => gcloudAdc.fits(input),
  fits: (input) =>
    input['type'] === 'authorized_user' &&
    ['client_id', 'client_secret', 'refresh_token'].every((member) => hasText(input, member)),
  read: (members) => ({ members }),
  write: (credentials) => without(credentials, 'access_token', 'issued_at', 'expires_in'),
};
