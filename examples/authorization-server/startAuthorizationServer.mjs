import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { approveEveryDevice } from './approveEveryDevice.mjs';
import { countRefreshes } from './countRefreshes.mjs';
import { createRecordAdapter } from './createRecordAdapter.mjs';
import { loadProvider } from './loadProvider.mjs';
import { mintTokens, saveGrant } from './mintTokens.mjs';
import { oneTokenRequestAtATime } from './oneTokenRequestAtATime.mjs';
import { signEverybodyIn } from './signEverybodyIn.mjs';

const clientId = 'shelflife-example';
const scope = 'openid profile';
const twoWeeks = 14 * 24 * 60 * 60;

/** See startAuthorizationServer.d.mts for what it offers. */
export async function startAuthorizationServer({
  port = 0,
  accessTokenLifetime = 5,
  refreshTokenLifetime = twoWeeks,
  redirectUris = ['http://127.0.0.1/', 'http://127.0.0.1/callback'],
  clients = [],
  requireDPoPNonce = false,
} = {}) {
  const Provider = await loadProvider();
  const server = createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${server.address().port}`;

  const provider = new Provider(issuer, {
    adapter: createRecordAdapter(),
    clients: [publicClient(redirectUris), ...clients],
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    jwks: { keys: [generateSigningKey()] },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    claims: { openid: ['sub'], profile: ['name'] },
    findAccount: (_context, subject) => ({
      accountId: subject,
      claims: () => ({ sub: subject, name: 'Ada Lovelace' }),
    }),
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      deviceFlow: { enabled: true },
      dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => requireDPoPNonce },
      revocation: {
        enabled: true,
        allowedPolicy: (_context, client, token) => token.clientId === client.clientId,
      },
      rpInitiatedLogout: { enabled: false },
    },
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    clientBasedCORS: (_context, origin) => isLoopback(origin),
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    expiresWithSession: () => false,
    renderError: (context, { error, error_description: description }) => {
      context.type = 'text/plain';
      context.body = `${error}: ${description ?? ''}\n`;
    },
    ttl: {
      AccessToken: accessTokenLifetime,
      AuthorizationCode: 60,
      ClientCredentials: accessTokenLifetime,
      DeviceCode: 600,
      Grant: twoWeeks,
      IdToken: 3600,
      Interaction: 600,
      RefreshToken: refreshTokenLifetime,
      Session: twoWeeks,
    },
  });

  const counters = countRefreshes(provider);
  const grantIds = new Set();
  provider.on('refresh_token.saved', ({ grantId }) => grantIds.add(grantId));

  const grantAccess = (requestedClientId) => saveGrant(provider, { clientId: requestedClientId, scope });
  oneTokenRequestAtATime(provider);
  signEverybodyIn(provider, grantAccess);
  approveEveryDevice(provider, grantAccess);
  server.on('request', provider.callback());

  return {
    issuer,
    clientId,
    scope,
    authorizationEndpoint: `${issuer}/auth`,
    deviceAuthorizationEndpoint: `${issuer}/device/auth`,
    revocationEndpoint: `${issuer}/token/revocation`,
    tokenEndpoint: `${issuer}/token`,
    userinfoEndpoint: `${issuer}/me`,
    counters,
    mintTokens: (mintedClientId = clientId) => mintTokens(provider, { clientId: mintedClientId, scope }),
    async revokeAll() {
      const models = [provider.RefreshToken, provider.AccessToken];
      await Promise.all([...grantIds].flatMap((id) => models.map((model) => model.revokeByGrantId(id))));
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function publicClient(redirectUris) {
  return {
    client_id: clientId,
    // A native client may use any port of its loopback redirect URIs (RFC 8252 §7.3), so the page's port needs no agreement.
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
    redirect_uris: redirectUris,
  };
}

function generateSigningKey() {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256', kid: 'example' };
}

function isLoopback(origin) {
  return ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(origin).hostname);
}
