/**
 * Client libraries of all kinds as the `refresh` callback, each used as its documentation says. Here is no
 * TypeScript, since a part of them has no types; loaded by name, so that those of the others don't reach the linter.
 */
const load = (name) => import(/* @vite-ignore */ name);

const { refreshAuthorization } = await load('@modelcontextprotocol/sdk/client/auth.js');
const { OAuth2Client } = await load('@badgateway/oauth2-client');
const arctic = await load('arctic');
const { default: axios } = await load('axios');
const { default: ClientOAuth2 } = await load('client-oauth2');
const { OAuth2Client: GoogleClient } = await load('google-auth-library');
const { got } = await load('got');
const { default: ky } = await load('ky');
const { OAuth2: NodeOAuth } = await load('oauth');
const oauth = await load('oauth4webapi');
const { ofetch } = await load('ofetch');
const { OidcClient, InMemoryWebStorage, WebStorageStateStore } = await load('oidc-client-ts');
const openid = await load('openid-client');
const { AuthorizationCode } = await load('simple-oauth2');
const { default: superagent } = await load('superagent');

const form = (client_id, refresh_token) => ({ grant_type: 'refresh_token', client_id, refresh_token });
const originOf = (endpoint) => new URL(endpoint).origin;
const signed = { id_token_signed_response_alg: 'ES256' };
const metadata = (endpoint) => ({ issuer: originOf(endpoint), token_endpoint: endpoint });

export const clients = {
  async fetch(endpoint, clientId, refreshToken) {
    const body = new URLSearchParams(form(clientId, refreshToken));
    const response = await fetch(endpoint, { method: 'POST', body });
    return response.json();
  },

  async axios(endpoint, clientId, refreshToken) {
    const body = new URLSearchParams(form(clientId, refreshToken));
    return (await axios.post(endpoint, body)).data;
  },

  got: (endpoint, clientId, refreshToken) =>
    got.post(endpoint, { form: form(clientId, refreshToken), retry: { limit: 0 } }).json(),

  ky: (endpoint, clientId, refreshToken) =>
    ky.post(endpoint, { body: new URLSearchParams(form(clientId, refreshToken)), retry: 0 }).json(),

  ofetch: (endpoint, clientId, refreshToken) =>
    ofetch(endpoint, {
      method: 'POST',
      body: new URLSearchParams(form(clientId, refreshToken)),
      retry: false,
    }),

  async superagent(endpoint, clientId, refreshToken) {
    return (await superagent.post(endpoint).type('form').send(form(clientId, refreshToken))).body;
  },

  '@modelcontextprotocol/sdk': (endpoint, clientId, refreshToken) =>
    refreshAuthorization(originOf(endpoint), {
      metadata: {
        ...metadata(endpoint),
        authorization_endpoint: `${originOf(endpoint)}/auth`,
        response_types_supported: ['code'],
      },
      clientInformation: { client_id: clientId },
      refreshToken,
    }),

  async '@badgateway/oauth2-client'(endpoint, clientId, refreshToken) {
    const client = new OAuth2Client({ clientId, tokenEndpoint: endpoint });
    const { accessToken } = await client.refreshToken({ accessToken: 'x', expiresAt: 1, refreshToken });
    return { access_token: accessToken };
  },

  async 'simple-oauth2'(endpoint, clientId, refreshToken) {
    const client = new AuthorizationCode({
      client: { id: clientId, secret: '' },
      auth: { tokenHost: originOf(endpoint), tokenPath: new URL(endpoint).pathname },
      options: { authorizationMethod: 'body' },
    });
    return (await client.createToken({ refresh_token: refreshToken }).refresh()).token;
  },

  async 'client-oauth2'(endpoint, clientId, refreshToken) {
    // It has no way of its own to be a public client: its second argument is how it sends.
    const send = async (method, url, body, { Authorization: _none, ...headers }) => {
      const response = await fetch(url, { method, body, headers });
      return { status: response.status, body: await response.text() };
    };
    const client = new ClientOAuth2({ clientId, accessTokenUri: endpoint }, send);
    const options = { body: { client_id: clientId } };
    return (await client.createToken('x', refreshToken, 'bearer', { expires_in: 1 }).refresh(options)).data;
  },

  oauth: (endpoint, clientId, refreshToken) =>
    new Promise((resolve, reject) => {
      const { origin, pathname } = new URL(endpoint);
      const client = new NodeOAuth(clientId, '', origin, '/auth', pathname);
      client.getOAuthAccessToken(
        refreshToken,
        { grant_type: 'refresh_token' },
        (error, _access, _refresh, answer) => (error ? reject(error) : resolve(answer)),
      );
    }),

  async 'google-auth-library'(endpoint, clientId, refreshToken) {
    const client = new GoogleClient({ clientId, endpoints: { oauth2TokenUrl: endpoint } });
    client.setCredentials({ refresh_token: refreshToken });
    return (await client.refreshAccessToken()).credentials;
  },

  async 'oidc-client-ts'(endpoint, clientId, refreshToken) {
    const client = new OidcClient({
      authority: originOf(endpoint),
      client_id: clientId,
      redirect_uri: 'http://127.0.0.1/',
      metadata: metadata(endpoint),
      stateStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }),
    });
    const state = { refresh_token: refreshToken, profile: { sub: 'ada' }, scope: 'openid profile' };
    return client.useRefreshToken({ state });
  },

  'openid-client'(endpoint, clientId, refreshToken) {
    const server = new openid.Configuration(metadata(endpoint), clientId, signed, openid.None());
    openid.allowInsecureRequests(server);
    return openid.refreshTokenGrant(server, refreshToken);
  },

  async oauth4webapi(endpoint, clientId, refreshToken) {
    const server = metadata(endpoint);
    const client = { client_id: clientId, ...signed };
    const response = await oauth.refreshTokenGrantRequest(server, client, oauth.None(), refreshToken, {
      [oauth.allowInsecureRequests]: true,
    });
    return oauth.processRefreshTokenResponse(server, client, response);
  },

  async arctic(endpoint, clientId, refreshToken) {
    const client = new arctic.OAuth2Client(clientId, null, null);
    return (await client.refreshAccessToken(endpoint, refreshToken, [])).data;
  },

  async 'a Response that is thrown'(endpoint, clientId, refreshToken) {
    const body = new URLSearchParams(form(clientId, refreshToken));
    const response = await fetch(endpoint, { method: 'POST', body });
    if (!response.ok) throw response;
    return response.json();
  },
};
