/** A payload as it is met in the field, and what becomes of it. All values are made up; the shapes are not. */
export interface Payload {
  readonly source: string;
  readonly payload: unknown;
  /** What the known members become. Left out: the payload is refused. */
  readonly known?: {
    readonly access_token?: string;
    readonly refresh_token?: string | null;
    readonly issued_at?: Date | null;
    readonly expires_in?: number | null;
  };
  /** The member that is refused. */
  readonly refused?: string;
}

const access_token = 'synthetic-access-token';
const refresh_token = 'synthetic-refresh-token';
const both = { access_token, refresh_token };

export const payloads: readonly Payload[] = [
  {
    source: 'RFC 6749',
    payload: { ...both, token_type: 'Bearer', expires_in: 3600, scope: 'read write' },
    known: { ...both, expires_in: 3600 },
  },
  {
    source: 'Google, the token endpoint on refresh',
    payload: { access_token, expires_in: 3599, scope: 'openid', token_type: 'Bearer' },
    known: { access_token, expires_in: 3599 },
  },
  {
    source: 'Google, the credentials of its library',
    payload: { ...both, expiry_date: 1_767_229_199_000, token_type: 'Bearer' },
    known: both,
  },
  {
    source: 'Google, the credentials of its library where there is nothing to refresh',
    payload: { access_token, refresh_token: null, expiry_date: null },
    known: { access_token, refresh_token: null },
  },
  {
    source: 'Microsoft v1, all strings',
    payload: { ...both, expires_in: '3599', expires_on: '1445352158', not_before: '1445348258' },
    known: { ...both, expires_in: 3599 },
  },
  {
    source: 'Microsoft v2',
    payload: {
      ...both,
      expires_in: 4000,
      ext_expires_in: 4000,
      refresh_in: 2000,
      refresh_token_expires_in: 86_400,
    },
    known: { ...both, expires_in: 4000 },
  },
  {
    source: 'MSAL, its cache',
    payload: { cachedAt: '1767225600', expiresOn: '1767229200', secret: 'synthetic-secret' },
    known: {},
  },
  {
    source: 'MSAL, its cache mapped without a change of unit',
    payload: { access_token, issued_at: '1767225600', expires_in: '3600' },
    refused: 'issued_at',
  },
  {
    source: 'Auth0, the cache entry of its library',
    payload: { body: { ...both, expires_in: 86_400 }, expiresAt: 1_767_312_000 },
    known: {},
  },
  {
    source: 'Auth0, NaN where the lifetime was omitted',
    payload: { ...both, expires_in: NaN },
    refused: 'expires_in',
  },
  {
    source: 'QuickBooks',
    payload: {
      ...both,
      expires_in: 3600,
      x_refresh_token_expires_in: 8_726_400,
      x_refresh_token_hard_expires_in: 157_680_000,
      createdAt: 1_767_225_600_000,
      latency: 60_000,
      realmId: '123',
    },
    known: { ...both, expires_in: 3600 },
  },
  {
    source: 'QuickBooks, createdAt as the time of issue',
    payload: { ...both, expires_in: 3600, issued_at: 1_767_225_600_000 },
    known: { ...both, expires_in: 3600, issued_at: new Date('2026-01-01T00:00:00Z') },
  },
  {
    source: 'Xero, scope as an array',
    payload: {
      ...both,
      id_token: 'synthetic-id-token',
      expires_in: 1800,
      scope: ['offline_access', 'openid'],
      expires_at: 1,
    },
    known: { ...both, expires_in: 1800 },
  },
  {
    source: 'Salesforce, milliseconds as digits and no lifetime',
    payload: {
      ...both,
      issued_at: '1278448384422',
      instance_url: 'https://example.test',
      signature: 'x',
      id: 'y',
    },
    known: { ...both, issued_at: new Date(1_278_448_384_422) },
  },
  {
    source: 'Slack, two credentials in one answer',
    payload: {
      ok: true,
      ...both,
      expires_in: 43_200,
      authed_user: { id: 'U1', ...both, expires_in: 43_200 },
    },
    known: { ...both, expires_in: 43_200 },
  },
  {
    source: 'Slack, tooling.tokens.rotate',
    payload: { token: access_token, refresh_token, iat: 1_767_225_600, exp: 1_767_268_800 },
    known: { refresh_token },
  },
  {
    source: 'Slack, iat as the time of issue without a change of unit',
    payload: { ...both, issued_at: 1_767_225_600 },
    refused: 'issued_at',
  },
  {
    source: 'HubSpot',
    payload: { ...both, token_type: 'bearer', expires_in: 1800 },
    known: { ...both, expires_in: 1800 },
  },
  {
    source: 'HubSpot, camel case',
    payload: { accessToken: access_token, refreshToken: refresh_token, expiresIn: 1800 },
    refused: 'accessToken',
  },
  {
    source: 'GitHub App, expiry on',
    payload: { ...both, expires_in: 28_800, refresh_token_expires_in: 15_897_600, token_type: 'bearer' },
    known: { ...both, expires_in: 28_800 },
  },
  {
    source: 'GitHub App, expiry off',
    payload: { access_token, scope: '', token_type: 'bearer' },
    known: { access_token },
  },
  {
    source: 'GitHub App, microseconds',
    payload: { access_token, issued_at: '2026-03-24T18:09:32.334729Z', expires_in: 28_800 },
    known: { access_token, issued_at: new Date('2026-03-24T18:09:32.334Z'), expires_in: 28_800 },
  },
  {
    source: "octokit, its README's example",
    payload: { access_token, issued_at: '2022-01-01T08:00:0.000Z' },
    refused: 'issued_at',
  },
  {
    source: 'Zoho, on refresh',
    payload: { access_token, api_domain: 'https://example.test', expires_in: 3600 },
    known: { access_token, expires_in: 3600 },
  },
  {
    source: 'Shopify, online',
    payload: { access_token, expires_in: 86_399, associated_user: { id: 1, email_verified: true } },
    known: { access_token, expires_in: 86_399 },
  },
  {
    source: 'Shopify, offline without expiry',
    payload: { access_token, scope: 'write_products', expires_in: null, refresh_token: null },
    known: { access_token, refresh_token: null, expires_in: null },
  },
  {
    source: 'Doorkeeper',
    payload: { ...both, created_at: 1_645_142_400, expires_in: 7200 },
    known: { ...both, expires_in: 7200 },
  },
  {
    source: 'Doorkeeper, created_at as the time of issue without a change of unit',
    payload: { ...both, issued_at: 1_645_142_400, expires_in: 7200 },
    refused: 'issued_at',
  },
  {
    source: 'Fiserv, a lifetime in milliseconds, which nothing gives away',
    payload: { ...both, expires_in: 3_600_000 },
    known: { ...both, expires_in: 3_600_000 },
  },
  {
    source: 'Tableau, a duration',
    payload: { access_token, expires_in: '177:05:38' },
    refused: 'expires_in',
  },
  {
    source: 'Clover',
    payload: { ...both, access_token_expiration: 1_767_229_200, refresh_token_expiration: 1_767_229_200 },
    known: both,
  },
  {
    source: 'Sentry',
    payload: { token: access_token, refreshToken: refresh_token, expiresAt: '2026-01-01T00:00:00.000Z' },
    refused: 'refreshToken',
  },
  {
    source: 'Shopline, with a date without time',
    payload: { ...both, issued_at: '2026-01-01', expireTime: '2026-01-02T00:00:00Z' },
    refused: 'issued_at',
  },
  {
    source: 'simple-oauth2, a dump',
    payload: { ...both, expires_in: 3600, expires_at: '2026-01-01T01:00:00.000Z' },
    known: { ...both, expires_in: 3600 },
  },
  {
    source: 'Auth.js',
    payload: { ...both, expires_at: 1_767_229_200, provider: 'x', type: 'oauth' },
    known: both,
  },
  {
    source: 'supabase',
    payload: { ...both, expires_at: 1_767_229_200, expires_in: 3600, user: { id: 'u', app_metadata: {} } },
    known: { ...both, expires_in: 3600 },
  },
  {
    source: 'oidc-client-ts, a lifetime computed after it ran out',
    payload: { ...both, expires_at: 1_767_229_200, expires_in: -12 },
    refused: 'expires_in',
  },
  {
    source: 'okta-auth-js',
    payload: { accessToken: { accessToken: access_token, expiresAt: 1_767_229_200 } },
    refused: 'accessToken',
  },
  {
    source: 'Firebase',
    payload: { accessToken: access_token, refreshToken: refresh_token, expirationTime: 1_767_229_200_000 },
    refused: 'accessToken',
  },
  {
    source: 'badgateway, which says never',
    payload: { ...both, expiresAt: null, expires_in: null },
    known: { ...both, expires_in: null },
  },
  {
    source: 'better-auth',
    payload: { accessToken: access_token, accessTokenExpiresAt: new Date('2026-01-01T00:00:00Z') },
    refused: 'accessToken',
  },
  {
    source: 'MCP, with the issuer it belongs to',
    payload: { ...both, token_type: 'Bearer', expires_in: 3600, issuer: 'https://example.test' },
    known: { ...both, expires_in: 3600 },
  },
  {
    source: 'openid-client, whose lifetime is a closure',
    payload: { access_token, expires_in: 3600, expiresIn: () => 3600 },
    known: { access_token, expires_in: 3600 },
  },
  {
    source: 'AWS SSO',
    payload: { accessToken: access_token, expiresAt: '2026-01-01T00:00:00Z', region: 'eu-west-1' },
    refused: 'accessToken',
  },
  {
    source: 'Apideck, the example of its specification',
    payload: { ...both, issued_at: '2020-01-01T00:00:00Z', expires_in: 3600 },
    known: { ...both, issued_at: new Date('2020-01-01T00:00:00Z'), expires_in: 3600 },
  },
  {
    source: "Apideck, its guide's example in milliseconds",
    payload: { ...both, issued_at: '2022-04-01T12:05:06.019Z', expires_in: 3_600_000 },
    known: { ...both, issued_at: new Date('2022-04-01T12:05:06.019Z'), expires_in: 3_600_000 },
  },
  {
    source: 'pydantic, a naive datetime',
    payload: { ...both, issued_at: '2020-01-01T00:00:00', expires_in: 3600 },
    refused: 'issued_at',
  },
];
