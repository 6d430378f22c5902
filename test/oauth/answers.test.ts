import * as oauth from 'oauth4webapi';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  createCredentialStore,
  memoryBackend,
  type CredentialEntry,
  type ShelflifeError,
} from '../../src/index.js';
import { clientCredentialsGrant, refreshGrant, type GrantOptions } from '../../src/oauth/index.js';
import { startTokenEndpoint, type Answer, type TokenEndpoint } from './startTokenEndpoint.js';

const refreshToken = 'a-refresh-token-that-must-not-be-told';
const tokens = { access_token: 'new', token_type: 'Bearer', expires_in: 3600, refresh_token: 'rotated' };
const client = { client_id: 'app' };
const page = { headers: { 'content-type': 'text/html' }, body: `<h1>Oops</h1> ${refreshToken}` };

let endpoint: TokenEndpoint;

beforeEach(async () => {
  endpoint = await startTokenEndpoint();
});
afterEach(() => endpoint.close());

async function openSession(options: Partial<GrantOptions> = {}): Promise<CredentialEntry> {
  const refresh = refreshGrant({ issuer: endpoint.issuer, client, ...options });
  const session = createCredentialStore({ storage: memoryBackend(), autoRefresh: false, refresh }).entry();
  await session.set({ access_token: 'old', refresh_token: refreshToken, id_token: 'of the sign-in' });
  return session;
}

async function failureOf(session: CredentialEntry): Promise<ShelflifeError> {
  return session.refresh().then(
    () => expect.unreachable(),
    (error: ShelflifeError) => error,
  );
}

describe('an answer that is no tokens is a RefreshFailedError that tells the status', () => {
  test.each<[string, Answer]>([
    ['a page of HTML', { status: 200, ...page }],
    ['a page of HTML', { status: 502, ...page }],
    ['nothing', { status: 200 }],
    ['nothing', { status: 503 }],
    ['nothing', { status: 204 }],
    ['half of its JSON', { status: 200, headers: { 'content-type': 'application/json' }, body: '{"access' }],
    ['JSON that is no object', { status: 200, body: [1] }],
    ['JSON without a token', { status: 200, body: { token_type: 'Bearer' } }],
    ['a redirect', { status: 302, headers: { location: '/elsewhere' } }],
    ['a challenge', { status: 401, headers: { 'www-authenticate': 'Bearer realm="x"' } }],
  ])('%s, %o', async (_what, answer) => {
    endpoint.answers['/token'] = answer;
    const failure = await failureOf(await openSession());
    expect(failure).toMatchObject({ name: 'RefreshFailedError', cause: { status: answer.status } });
    expect(failure.message).toContain(`answered ${answer.status}`);
    expect(failure.message).not.toContain(refreshToken);
  });

  test('so is a server that can not be reached', async () => {
    const session = await openSession();
    await endpoint.close();
    expect(await failureOf(session)).toMatchObject({ name: 'RefreshFailedError', retryable: true });
    endpoint = await startTokenEndpoint();
  });
});

describe('Retry-After', () => {
  test.each([
    [503, '120', 120],
    [429, '7', 7],
    [503, new Date(Date.now() - 60_000).toUTCString(), 0],
    [503, 'soon', undefined],
  ])('of a %i, "%s", is told as %s', async (status, value, seconds) => {
    endpoint.answers['/token'] = { status, headers: { 'retry-after': value } };
    expect(await failureOf(await openSession())).toMatchObject({ retryAfter: seconds });
  });

  test('may be a date, and stand beside an error that may pass', async () => {
    const date = new Date(Date.now() + 90_000).toUTCString();
    const body = { error: 'temporarily_unavailable' };
    endpoint.answers['/token'] = { status: 429, headers: { 'retry-after': date }, body };
    const failure = await failureOf(await openSession());
    expect(failure).toMatchObject({ name: 'RefreshFailedError', retryAfter: expect.any(Number) });
    const { retryAfter } = failure as ShelflifeError & { readonly retryAfter: number };
    expect(retryAfter).toBeGreaterThan(60);
    expect(retryAfter).toBeLessThanOrEqual(90);
  });

  test('of the discovery is told too', async () => {
    endpoint.answers['/.well-known/openid-configuration'] = { status: 503, headers: { 'retry-after': '9' } };
    expect(await failureOf(await openSession())).toMatchObject({ name: 'RefreshFailedError', retryAfter: 9 });
  });
});

describe('an error code of the server is final where the standard says so, whatever the status', () => {
  test.each([200, 400, 401, 403, 500])('%i', async (status) => {
    const body = { error: 'invalid_grant', error_description: `${refreshToken} is revoked` };
    endpoint.answers['/token'] = { status, body };
    const failure = await failureOf(await openSession());
    expect(failure).toMatchObject({ name: 'RefreshRejectedError', retryable: false });
    expect(failure.message).toContain('invalid_grant');
    expect(JSON.stringify(failure) + failure.stack).not.toContain(refreshToken);
  });
});

describe('tokens are taken, since they may be the only live ones, where', () => {
  test.each([
    ['token_type is missing', { token_type: undefined }],
    ['token_type is unheard of', { token_type: 'mac' }],
    ['refresh_token is null', { refresh_token: null }],
    ['expires_in is a text of digits', { expires_in: '3600' }],
    ['expires_in is a date', { expires_in: 'tomorrow' }],
    ['scope is a list', { scope: ['a', 'b'] }],
    ['id_token can not be validated', { id_token: 'forged' }],
  ])('%s', async (_what, difference) => {
    endpoint.answers['/token'] = { body: { ...tokens, ...difference } };
    const session = await openSession();
    await session.refresh();
    const kept = await session.get();
    expect(kept).toMatchObject({ access_token: 'new', id_token: 'of the sign-in' });
    expect(kept?.refresh_token).toBe('refresh_token' in difference ? null : 'rotated');
  });
});

describe('the discovery', () => {
  test('asks at the place of RFC 8414 where there is no OpenID configuration', async () => {
    const metadata = endpoint.answers['/.well-known/openid-configuration'];
    delete endpoint.answers['/.well-known/openid-configuration'];
    endpoint.answers['/.well-known/oauth-authorization-server'] = metadata;
    endpoint.answers['/token'] = { body: tokens };
    await (await openSession()).refresh();
    expect(endpoint.paths).toEqual([
      '/.well-known/openid-configuration',
      '/.well-known/oauth-authorization-server',
      '/token',
    ]);
  });

  test('is tried again after it failed', async () => {
    const metadata = endpoint.answers['/.well-known/openid-configuration'];
    endpoint.answers['/.well-known/openid-configuration'] = { status: 500 };
    endpoint.answers['/token'] = { body: tokens };
    const session = await openSession();
    expect(await failureOf(session)).toMatchObject({ cause: { status: 500 } });
    endpoint.answers['/.well-known/openid-configuration'] = metadata;
    expect(await session.refresh()).toMatchObject({ access_token: 'new' });
  });

  test('does not take the metadata of another issuer', async () => {
    const body = { issuer: 'https://elsewhere.example', token_endpoint: `${endpoint.issuer}/token` };
    endpoint.answers['/.well-known/openid-configuration'] = { body };
    const failure = await failureOf(await openSession());
    expect(failure.message).toContain('that of another issuer');
    expect(endpoint.requests).toEqual([]);
  });

  test('that finds no token endpoint is an error that says so', async () => {
    endpoint.answers['/.well-known/openid-configuration'] = { body: { issuer: endpoint.issuer } };
    expect((await failureOf(await openSession())).message).toContain('"token_endpoint"');
  });
});

describe('a request', () => {
  test('carries scope, resource, and what the client authentication adds', async () => {
    endpoint.answers['/token'] = { body: tokens };
    const asked = { scope: 'read', resource: 'https://api.example/' };
    const clientAuth: oauth.ClientAuth = (server, self, body, headers) => {
      body.set('audience', 'https://api.example');
      return oauth.None()(server, self, body, headers);
    };
    await (await openSession({ ...asked, clientAuth })).refresh();
    const service = clientCredentialsGrant({ issuer: endpoint.issuer, client, clientAuth, ...asked });
    await service({}, { key: 'service', signal: new AbortController().signal });
    const common = { client_id: 'app', audience: 'https://api.example', ...asked };
    expect(endpoint.requests.map((request) => Object.fromEntries(request))).toEqual([
      { ...common, grant_type: 'refresh_token', refresh_token: refreshToken },
      { ...common, grant_type: 'client_credentials' },
    ]);
  });

  test('is not sent without a refresh token', async () => {
    const session = await openSession();
    await session.set({ access_token: 'old' });
    expect(await failureOf(session)).toMatchObject({
      name: 'RefreshRejectedError',
      message: expect.stringContaining('no refresh token'),
    });
    expect(endpoint.paths).toEqual([]);
  });

  test('is not sent in plain http to another host, unless that is allowed', async () => {
    const urls: string[] = [];
    const answer = async (url: string): Promise<Response> => {
      urls.push(url);
      if (url.endsWith('/token')) return Response.json(tokens);
      return Response.json({
        issuer: 'http://inside.example',
        token_endpoint: 'http://inside.example/token',
      });
    };
    const inside = { issuer: 'http://inside.example', [oauth.customFetch]: answer };
    expect((await failureOf(await openSession(inside))).message).toContain('HTTPS');
    expect(urls).toEqual([]);
    const session = await openSession({ ...inside, [oauth.allowInsecureRequests]: true });
    expect(await session.refresh()).toMatchObject({ access_token: 'new' });
  });

  test('ends when the store gives it up, and so does the discovery', async () => {
    for (const path of ['/token', '/.well-known/openid-configuration']) {
      endpoint.answers[path] = undefined;
      const controller = new AbortController();
      const asking = refreshGrant({ issuer: endpoint.issuer, client })(
        { refresh_token: refreshToken },
        { key: 'default', signal: controller.signal },
      );
      await expect.poll(() => endpoint.paths.at(-1)).toBe(path);
      controller.abort(new Error('given up'));
      await expect(asking).rejects.toThrow('given up');
    }
  });
});

describe('an option of the wrong type is a TypeError that names it, at once', () => {
  test.each([
    ['issuer', { issuer: 'accounts.example' }],
    ['issuer', { issuer: {} }],
    ['issuer', { issuer: undefined }],
    ['client', { client: 'app' }],
    ['client', { client: {} }],
    ['clientAuth', { clientAuth: 'secret' }],
    ['scope', { scope: ['a'] }],
    ['resource', { resource: 'api' }],
  ])('%s: %o', (name, options) => {
    const given = { issuer: 'https://accounts.example', client, ...options } as GrantOptions;
    for (const grant of [refreshGrant, clientCredentialsGrant]) {
      expect(() => grant(given)).toThrow(TypeError);
      expect(() => grant(given)).toThrow(`"${name}"`);
    }
  });
});
