import type { FormatName } from '../../src/formats/index.js';
import type { Credentials } from '../../src/index.js';

export interface Sample {
  readonly format: FormatName;
  /** As the other program has it. */
  readonly input: Record<string, unknown>;
  readonly credentials: Credentials;
  readonly unknown: readonly ('issued_at' | 'expires_in')[];
  /** When they expire, as the format says it. */
  readonly expiresAt?: string;
}

const tokens = { access_token: 'access-0000', refresh_token: 'refresh-0000' };
const bearer = { ...tokens, token_type: 'Bearer' };

/** One of each, as its documentation or its source shows it. Those without `issued_at` get it by an anchor. */
export const samples: readonly Sample[] = [
  {
    format: 'oauth',
    input: { ...bearer, expires_in: 3600, scope: 'read' },
    credentials: { ...bearer, expires_in: 3600, scope: 'read' },
    unknown: ['issued_at'],
  },
  {
    format: 'apideck',
    input: { ...tokens, issued_at: '2020-01-01T00:00:00.000Z', expires_in: 3600 },
    credentials: { ...tokens, issued_at: new Date('2020-01-01T00:00:00Z'), expires_in: 3600 },
    unknown: [],
    expiresAt: '2020-01-01T01:00:00.000Z',
  },
  {
    format: 'google',
    input: { ...bearer, expiry_date: 4102444800123, scope: 'read' },
    credentials: { ...bearer, scope: 'read' },
    unknown: ['issued_at'],
    expiresAt: '2100-01-01T00:00:00.123Z',
  },
  {
    format: 'gcloud-adc',
    input: {
      type: 'authorized_user',
      client_id: 'client.apps.googleusercontent.com',
      client_secret: 'secret-0000',
      refresh_token: 'refresh-0000',
      quota_project_id: 'project',
    },
    credentials: {
      type: 'authorized_user',
      client_id: 'client.apps.googleusercontent.com',
      client_secret: 'secret-0000',
      refresh_token: 'refresh-0000',
      quota_project_id: 'project',
    },
    unknown: ['issued_at', 'expires_in'],
  },
  {
    format: 'aws-sso',
    input: {
      accessToken: 'access-0000',
      refreshToken: 'refresh-0000',
      expiresAt: '2100-01-01T00:00:00Z',
      region: 'eu-central-1',
      startUrl: 'https://d-0000.awsapps.com/start',
      clientId: 'client',
      clientSecret: 'secret-0000',
      registrationExpiresAt: '2100-03-01T00:00:00Z',
    },
    credentials: {
      ...tokens,
      region: 'eu-central-1',
      startUrl: 'https://d-0000.awsapps.com/start',
      clientId: 'client',
      clientSecret: 'secret-0000',
      registrationExpiresAt: '2100-03-01T00:00:00Z',
    },
    unknown: ['issued_at'],
    expiresAt: '2100-01-01T00:00:00.000Z',
  },
  {
    format: 'oidc-client-ts',
    input: {
      ...bearer,
      id_token: 'e30.e30.',
      session_state: null,
      scope: 'openid',
      profile: { sub: 'ada', amr: ['pwd'] },
      expires_at: 4102444800,
    },
    credentials: {
      ...bearer,
      id_token: 'e30.e30.',
      session_state: null,
      scope: 'openid',
      profile: { sub: 'ada', amr: ['pwd'] },
    },
    unknown: ['issued_at'],
    expiresAt: '2100-01-01T00:00:00.000Z',
  },
  {
    format: 'supabase',
    input: { ...bearer, expires_in: 3600, expires_at: 1577840400, user: { id: 'ada' } },
    credentials: {
      ...bearer,
      issued_at: new Date('2020-01-01T00:00:00Z'),
      expires_in: 3600,
      user: { id: 'ada' },
    },
    unknown: [],
    expiresAt: '2020-01-01T01:00:00.000Z',
  },
  {
    format: 'auth0',
    input: { body: { ...bearer, expires_in: 86400, audience: 'api' }, expiresAt: 1577923200 },
    credentials: {
      ...bearer,
      issued_at: new Date('2020-01-01T00:00:00Z'),
      expires_in: 86400,
      audience: 'api',
    },
    unknown: [],
    expiresAt: '2020-01-02T00:00:00.000Z',
  },
  {
    format: 'salesforce',
    input: {
      ...bearer,
      id: 'https://login.salesforce.com/id/0/1',
      instance_url: 'https://x.my.salesforce.com',
      issued_at: '1278448384422',
      signature: 'c2lnbmF0dXJl',
    },
    credentials: {
      ...bearer,
      id: 'https://login.salesforce.com/id/0/1',
      instance_url: 'https://x.my.salesforce.com',
      issued_at: new Date(1278448384422),
      signature: 'c2lnbmF0dXJl',
    },
    unknown: ['expires_in'],
  },
  {
    format: 'azure-v1',
    input: {
      ...bearer,
      expires_in: '3599',
      expires_on: '1445352158',
      not_before: '1445348258',
      resource: 'https://graph.windows.net',
    },
    credentials: {
      ...bearer,
      issued_at: new Date((1445352158 - 3599) * 1000),
      expires_in: 3599,
      not_before: '1445348258',
      resource: 'https://graph.windows.net',
    },
    unknown: [],
    expiresAt: new Date(1445352158000).toISOString(),
  },
  {
    format: 'simple-oauth2',
    input: { ...bearer, expires_in: 3600, expires_at: '2020-01-01T01:00:00.123Z' },
    credentials: { ...bearer, issued_at: new Date('2020-01-01T00:00:00.123Z'), expires_in: 3600 },
    unknown: [],
    expiresAt: '2020-01-01T01:00:00.123Z',
  },
  {
    format: 'mcp',
    input: { ...bearer, expires_in: 3600, issuer: 'https://accounts.example' },
    credentials: { ...bearer, expires_in: 3600, issuer: 'https://accounts.example' },
    unknown: ['issued_at'],
  },
  {
    format: 'expires-at',
    input: { ...bearer, expires_at: 4102444800 },
    credentials: bearer,
    unknown: ['issued_at'],
    expiresAt: '2100-01-01T00:00:00.000Z',
  },
];
