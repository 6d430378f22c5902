import * as oauth from 'oauth4webapi';
import { exportJWK } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  startAuthorizationServer,
  type AuthorizationServer,
} from '../../examples/authorization-server/startAuthorizationServer.mjs';
import { createCredentialStore, memoryBackend, type CredentialEntry } from '../../src/index.js';
import {
  clientCredentialsGrant,
  refreshGrant,
  type GrantOptions,
  type Refresh,
} from '../../src/oauth/index.js';

const secret = 'a secret of the client, long enough for HS256';
const issuedLongAgo = new Date(Date.now() - 3_600_000);

const { publicKey, privateKey } = await oauth.generateKeyPair('ES256', { extractable: true });
const jwk = await exportJWK(publicKey);
const confidential = (method: string): Record<string, unknown> => ({
  client_id: method,
  application_type: 'native',
  token_endpoint_auth_method: method,
  grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
  redirect_uris: ['http://127.0.0.1/'],
  ...(method === 'private_key_jwt' ? { jwks: { keys: [jwk] } } : { client_secret: secret }),
});
const authentications: Record<string, oauth.ClientAuth> = {
  client_secret_basic: oauth.ClientSecretBasic(secret),
  client_secret_post: oauth.ClientSecretPost(secret),
  client_secret_jwt: oauth.ClientSecretJwt(secret),
  private_key_jwt: oauth.PrivateKeyJwt(privateKey),
};

function sessionWith(refresh: Refresh): CredentialEntry {
  return createCredentialStore({ storage: memoryBackend(), autoRefresh: false, refresh }).entry();
}

describe('against a real authorization server', () => {
  let server: AuthorizationServer;

  beforeAll(async () => {
    server = await startAuthorizationServer({
      accessTokenLifetime: 600,
      clients: Object.keys(authentications).map(confidential),
    });
  });
  afterAll(() => server.close());

  const optionsFor = (further: Partial<GrantOptions> = {}): GrantOptions => ({
    issuer: server.issuer,
    client: { client_id: server.clientId },
    ...further,
  });

  async function expired(clientId?: string): Promise<{ refresh_token: string; issued_at: Date }> {
    return { ...(await server.mintTokens(clientId)), issued_at: issuedLongAgo };
  }

  test('refreshGrant gets new tokens, and what the server rotated is kept', async () => {
    const session = sessionWith(refreshGrant(optionsFor()));
    const before = await expired();
    await session.set(before);
    const token = await session.getAccessToken();
    const after = await session.get();
    expect(after).toMatchObject({ access_token: token, expires_in: 600 });
    expect(after?.refresh_token).not.toBe(before.refresh_token);
    await session.refresh();
    expect((await session.get())?.access_token).not.toBe(token);
    expect(server.counters.revokedFamilies).toBe(0);
  });

  test.each(Object.keys(authentications))('refreshGrant authenticates by %s', async (method) => {
    const refresh = refreshGrant(
      optionsFor({ client: { client_id: method }, clientAuth: authentications[method]! }),
    );
    const session = sessionWith(refresh);
    await session.set(await expired(method));
    await session.refresh();
    expect(session.expiry.value.status).toBe('fresh');
  });

  test.each(Object.keys(authentications))('clientCredentialsGrant authenticates by %s', async (method) => {
    const refresh = clientCredentialsGrant(
      optionsFor({ client: { client_id: method }, clientAuth: authentications[method]! }),
    );
    const session = sessionWith(refresh);
    await session.set({});
    const token = await session.getAccessToken();
    await session.invalidate(token);
    expect(await session.getAccessToken()).not.toBe(token);
  });

  test('a session that has ended is rejected for good, with the code', async () => {
    const session = sessionWith(refreshGrant(optionsFor()));
    await session.set(await expired());
    await server.revokeAll();
    await expect(session.refresh()).rejects.toMatchObject({
      name: 'RefreshRejectedError',
      message: expect.stringContaining('invalid_grant'),
    });
  });

  test('a wrong secret is rejected for good, though the server answers it with a challenge', async () => {
    const clientAuth = oauth.ClientSecretBasic('not the secret');
    const refresh = refreshGrant(optionsFor({ client: { client_id: 'client_secret_basic' }, clientAuth }));
    const session = sessionWith(refresh);
    await session.set(await expired('client_secret_basic'));
    const error: unknown = await session.refresh().catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      name: 'RefreshRejectedError',
      message: expect.stringContaining('invalid_client'),
    });
  });

  test('takes the metadata of the server for its issuer, and asks for none then', async () => {
    const urls: string[] = [];
    const issuer = { issuer: server.issuer, token_endpoint: server.tokenEndpoint };
    const session = sessionWith(
      refreshGrant({ ...optionsFor({ issuer }), [oauth.customFetch]: record(urls) }),
    );
    await session.set(await expired());
    await session.refresh();
    expect(urls).toEqual([server.tokenEndpoint]);
  });

  test('discovers the server once, however many refreshes there are at once and later', async () => {
    const urls: string[] = [];
    const refresh = refreshGrant({ ...optionsFor(), [oauth.customFetch]: record(urls) });
    const sessions = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const session = sessionWith(refresh);
        await session.set(await expired());
        return session;
      }),
    );
    await Promise.all(sessions.map((session) => session.refresh()));
    await sessions[0]?.refresh();
    expect(urls.filter((url) => url !== server.tokenEndpoint)).toHaveLength(1);
    expect(urls).toHaveLength(7);
  });
});

describe('against a real authorization server that wants DPoP with a nonce', () => {
  test('refreshGrant repeats the request with it, once, and the tokens stay bound to the key', async () => {
    const server = await startAuthorizationServer({ accessTokenLifetime: 600, requireDPoPNonce: true });
    try {
      const urls: string[] = [];
      const client: oauth.Client = { client_id: server.clientId };
      const issuer = { issuer: server.issuer, token_endpoint: server.tokenEndpoint };
      const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'));
      const session = sessionWith(refreshGrant({ issuer, client, DPoP, [oauth.customFetch]: record(urls) }));
      await session.set({ ...(await server.mintTokens()), issued_at: issuedLongAgo });
      await session.refresh();
      expect(urls).toHaveLength(2);
      await session.refresh();
      expect(urls).toHaveLength(3);
      expect(await session.get()).toMatchObject({ token_type: 'DPoP' });
      expect(server.counters.refreshes).toBe(2);
      expect(server.counters.revokedFamilies).toBe(0);
    } finally {
      await server.close();
    }
  });
});

function record(urls: string[]): NonNullable<GrantOptions[typeof oauth.customFetch]> {
  return (url, options) => {
    urls.push(url);
    return fetch(url, options as RequestInit);
  };
}
