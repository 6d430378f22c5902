import type { Format } from './Format.js';
import { hasText, textOf, without } from './members.js';

/** What Salesforce's token endpoint answers: when a token was issued, in milliseconds, and never how long it lives. */
export const salesforce: Format = {
  name: 'salesforce',
  title: "Salesforce's token endpoint",
  writable: false,
  expected: 'access_token, instance_url and issued_at in milliseconds',
  usual: ['access_token', 'refresh_token', 'instance_url', 'issued_at', 'signature', 'id', 'token_type'],
  limits: 'it has an access_token, an instance_url and an issued_at always, and no expires_in',
  takes: (input) => hasText(input, 'access_token'),
  fits: (input) =>
    hasText(input, 'access_token') &&
    hasText(input, 'instance_url') &&
    (typeof input['issued_at'] === 'number' || /^\d+$/.test(textOf(input, 'issued_at'))),
  read: (members) => ({ members }),
  write: ({ issued_at: issuedAt, ...credentials }) =>
    issuedAt ? { ...without(credentials, 'expires_in'), issued_at: String(issuedAt.getTime()) } : undefined,
};
