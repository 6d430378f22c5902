import type { Format } from './Format.js';
import { hasAny, hasText, renamed, without } from './members.js';
import { readInstant } from './readInstant.js';

/** A file of `~/.aws/sso/cache`, as the AWS CLI and its SDKs share them. */
export const awsSso: Format = {
  name: 'aws-sso',
  title: "The AWS CLI's SSO token cache",
  writable: false,
  expected: 'accessToken and expiresAt, with startUrl or region',
  usual: ['accessToken', 'expiresAt', 'refreshToken', 'clientId', 'clientSecret', 'region', 'startUrl'],
  limits: 'it tells when a token expires, but not when it was issued',
  takes: (input) => hasText(input, 'accessToken') && hasAny(input, 'expiresAt'),
  fits: (input) =>
    hasText(input, 'accessToken') && hasText(input, 'expiresAt') && hasAny(input, 'startUrl', 'region'),
  read: (input) => ({
    members: renamed(without(input, 'expiresAt'), {
      accessToken: 'access_token',
      refreshToken: 'refresh_token',
    }),
    deadline: readInstant(input, 'expiresAt', 'text'),
  }),
};
