import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startAuthorizationServer } from '../../examples/authorization-server/startAuthorizationServer.mjs';
import { createCredentialStore, memoryBackend, type CredentialsInput } from '../../src/index.js';
import { rejectionOf } from '../store/support.js';
import { clients, type Client } from './clients.mjs';

/** An entry whose expired tokens a client library refreshes. */
async function entryOf(client: Client, endpoint: string, clientId: string, refresh_token: string) {
  let asked = 0;
  const store = createCredentialStore({
    storage: memoryBackend(),
    refresh: async (credentials) => {
      asked += 1;
      return (await client(endpoint, clientId, credentials.refresh_token!)) as CredentialsInput;
    },
    onError: () => {},
  });
  const entry = store.entry();
  await entry.set({ access_token: 'spent', refresh_token, issued_at: new Date(1e12), expires_in: 60 });
  return { store, entry, asked: () => asked };
}

describe('with a revoked grant at oidc-provider', () => {
  let server: Awaited<ReturnType<typeof startAuthorizationServer>>;
  beforeAll(async () => {
    server = await startAuthorizationServer();
  });
  afterAll(() => server.close());

  test.each(Object.entries(clients))('%s: one request, then the app knows', async (name, client) => {
    const { refresh_token } = await server.mintTokens();
    // First of all, this is how it is used: with a live grant it brings tokens.
    const live = await client(server.tokenEndpoint, server.clientId, refresh_token).catch(
      (error: unknown) => error,
    );
    expect(live, name).toHaveProperty('access_token');

    const revoked = await server.mintTokens();
    await server.revokeAll();
    const { entry, asked, store } = await entryOf(
      client,
      server.tokenEndpoint,
      server.clientId,
      revoked.refresh_token,
    );
    const error = await rejectionOf(entry.getAccessToken());
    expect(error).toMatchObject({ name: 'RefreshRejectedError', cause: { code: 'invalid_grant' } });
    entry.expiry.subscribe(() => {});
    await rejectionOf(entry.getAccessToken());
    expect(asked()).toBe(1);
    expect(entry.expiry.value.error).toMatchObject({
      name: 'RefreshRejectedError',
      cause: { code: 'invalid_grant' },
    });
    await store.close();
  });
});

describe('with a server that is busy', () => {
  let server: Server;
  let endpoint: string;
  beforeAll(async () => {
    server = createServer((_request, response) => {
      response.writeHead(503, { 'retry-after': '120', 'content-type': 'application/json' });
      response.end('{"error":"temporarily_unavailable"}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  /** These keep nothing of the answer's headers. */
  const withoutHeaders = /^(fetch|@modelcontextprotocol\/sdk|client-oauth2|oauth|arctic|oidc-client-ts)$/;
  /** These keep nothing of its body either. */
  const withoutBody = /^(arctic|oidc-client-ts)$/;

  test.each(Object.entries(clients))(
    '%s: what it keeps of the answer is found',
    async (name, client) => {
      const { entry, store } = await entryOf(client, endpoint, 'a-client', 'refresh-token');
      const error = await rejectionOf(entry.getAccessToken());
      expect(error).toMatchObject({ name: 'RefreshFailedError' });
      if (!withoutHeaders.test(name)) expect(error).toMatchObject({ retryAfter: 120 });
      if (!withoutBody.test(name)) expect(error.cause).toMatchObject({ code: 'temporarily_unavailable' });
      await store.close();
    },
    20_000,
  );
});
