import { auth, type OAuthClientProvider } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  startAuthorizationServer,
  type AuthorizationServer,
} from '../../examples/authorization-server/startAuthorizationServer.mjs';
import { mcpCredentials } from '../../src/bridges/mcp.js';
import { memoryBackend } from '../../src/storage/memory.js';
import type { CredentialEntry } from '../../src/store/CredentialEntry.js';
import { createCredentialStore } from '../../src/createCredentialStore.js';
import { followSignIn } from './followSignIn.js';
import { startMcpServer } from './startMcpServer.js';

const redirectUrl = 'http://127.0.0.1/callback';

let authorization: AuthorizationServer;
let server: Awaited<ReturnType<typeof startMcpServer>>;
beforeEach(async () => {
  authorization = await startAuthorizationServer({ accessTokenLifetime: 2 });
  server = await startMcpServer(authorization);
});
afterEach(async () => {
  await server.close();
  await authorization.close();
});

/** All of a provider but its tokens. */
function providerFor(entry: CredentialEntry) {
  const redirects: URL[] = [];
  let verifier = '';
  const provider: OAuthClientProvider = {
    ...mcpCredentials(entry),
    redirectUrl,
    clientMetadata: { redirect_uris: [redirectUrl], scope: authorization.scope },
    clientInformation: () => ({ client_id: authorization.clientId, issuer: authorization.issuer }),
    saveCodeVerifier: (text) => void (verifier = text),
    codeVerifier: () => verifier,
    redirectToAuthorization: (url) => void redirects.push(url),
    // oidc-provider wants each resource registered (RFC 8707).
    validateResourceURL: () => Promise.resolve(undefined),
  };
  return { provider, redirects };
}

const refreshNow = (provider: OAuthClientProvider) => auth(provider, { serverUrl: server.url });

async function greet(provider: OAuthClientProvider): Promise<unknown> {
  const client = new Client({ name: 'test', version: '1.0.0' });
  await client.connect(new StreamableHTTPClientTransport(new URL(server.url), { authProvider: provider }));
  try {
    return (await client.callTool({ name: 'greet' })).content;
  } finally {
    await client.close();
  }
}

const hello = [{ type: 'text', text: 'hello' }];

async function signedIn(entry = createCredentialStore({ storage: memoryBackend() }).entry()) {
  const made = providerFor(entry);
  await made.provider.saveTokens({
    ...(await authorization.mintTokens()),
    issuer: authorization.issuer,
  });
  return { entry, ...made };
}

describe('the client of the Model Context Protocol SDK', () => {
  test('keeps its session from sign-in through a restart and a refresh to sign-out', async () => {
    const storage = memoryBackend();
    const entry = createCredentialStore({ storage }).entry(server.url);
    const { provider, redirects } = providerFor(entry);
    await expect(greet(provider)).rejects.toMatchObject({ name: 'Error' });
    const answer = await followSignIn(redirects[0]!, redirectUrl);
    const before = Date.now();
    const code = answer.searchParams.get('code')!;
    expect(await auth(provider, { serverUrl: server.url, authorizationCode: code })).toBe('AUTHORIZED');
    const signedInAt = (await entry.get())?.issued_at?.getTime() ?? 0;
    expect(signedInAt).toBeGreaterThanOrEqual(before);
    expect(entry.expiry.value.status).toBe('fresh');
    expect(await greet(provider)).toEqual(hello);

    const restarted = createCredentialStore({ storage }).entry(server.url);
    await restarted.until('expired');
    expect(await greet(providerFor(restarted).provider)).toEqual(hello);
    expect(authorization.counters).toMatchObject({ refreshes: 1, refusals: 0 });
    expect((await restarted.get())?.issued_at?.getTime()).toBeGreaterThan(signedInAt);
    expect((await restarted.get())?.['id_token']).toBeTypeOf('string');

    await restarted.delete();
    const signedOut = providerFor(restarted);
    await expect(greet(signedOut.provider)).rejects.toMatchObject({ name: 'Error' });
    expect(signedOut.redirects).toHaveLength(1);
  });

  test.each([2, 8])('never sends a refresh token twice, with %i auth() calls at once', async (calls) => {
    const { entry, provider } = await signedIn();
    // Half of them by a provider of their own.
    const providers = Array.from({ length: calls }, (_, index) =>
      index % 2 ? provider : providerFor(entry).provider,
    );
    const results = await Promise.all(providers.map(refreshNow));
    expect(results).toEqual(Array.from({ length: calls }, () => 'AUTHORIZED'));
    expect(authorization.counters).toMatchObject({ refreshes: calls, refusals: 0, revokedFamilies: 0 });
    expect(await refreshNow(provider)).toBe('AUTHORIZED');
  });

  test('does so through a function of your own around tokens() too', async () => {
    const { provider } = await signedIn();
    const wrapped = {
      ...provider,
      async tokens() {
        const tokens = await provider.tokens();
        await Promise.resolve();
        return tokens;
      },
    };
    await Promise.all([refreshNow(wrapped), refreshNow(wrapped), refreshNow(wrapped)]);
    expect(authorization.counters).toMatchObject({ refreshes: 3, refusals: 0, revokedFamilies: 0 });
  });

  test('loses the session without that, as hand-written glue does', async () => {
    const { provider } = await signedIn();
    let kept = await authorization.mintTokens();
    const glue = {
      ...provider,
      tokens: () => kept,
      saveTokens: (tokens: object) => void (kept = tokens as never),
    };
    await Promise.allSettled([refreshNow(glue), refreshNow(glue)]);
    expect(authorization.counters.refusals).toBeGreaterThan(0);
  });

  test('refreshes without an end to what hangs on the session', async () => {
    const { entry, provider } = await signedIn();
    const ended = entry.expirySignal();
    const seen: (string | undefined)[] = [];
    entry.credentials.subscribe((credentials) => seen.push(credentials?.access_token));
    await refreshNow(provider);
    expect(ended.aborted).toBe(false);
    expect(new Set(seen).size).toBe(2);
  });

  test('starts again after the server has ended the session', async () => {
    const { entry, provider, redirects } = await signedIn();
    await authorization.revokeAll();
    expect(await refreshNow(provider)).toBe('REDIRECT');
    expect(redirects).toHaveLength(1);
    expect(await entry.get()).toBeUndefined();
  });

  test('stays signed out where that happened while it refreshed', async () => {
    const { entry, provider } = await signedIn();
    const saveTokens = async (tokens: never) => {
      await entry.delete();
      await provider.saveTokens(tokens);
    };
    await refreshNow({ ...provider, saveTokens });
    expect(await entry.get()).toBeUndefined();
  });
});

describe('mcpCredentials', () => {
  const tokens = {
    access_token: 'the access token',
    token_type: 'Bearer',
    expires_in: 3600,
    refresh_token: 'the refresh token',
    issuer: 'https://issuer.example',
  };
  const open = () => {
    const entry = createCredentialStore({ storage: memoryBackend() }).entry();
    return { entry, ...mcpCredentials(entry) };
  };

  test('gives back what was saved, and keeps the time of issue to itself', async () => {
    const { entry, ...credentials } = open();
    expect(await credentials.tokens()).toBeUndefined();
    await credentials.saveTokens(tokens);
    expect({ ...(await credentials.tokens()) }).toEqual(tokens);
    expect((await entry.get())?.issued_at).toBeInstanceOf(Date);
  });

  test('makes nobody wait who only asks for the access token', async () => {
    const credentials = open();
    await credentials.saveTokens(tokens);
    const asked = await Promise.all(Array.from({ length: 100 }, () => credentials.tokens()));
    expect(asked.map((given) => given?.access_token)).toEqual(asked.map(() => tokens.access_token));
  });

  test('deletes for "tokens" and "all" only', async () => {
    const { entry, ...credentials } = open();
    for (const scope of ['tokens', 'all']) {
      await credentials.saveTokens(tokens);
      for (const other of ['client', 'verifier', 'discovery']) await credentials.invalidateCredentials(other);
      expect(await entry.get()).toMatchObject({ access_token: tokens.access_token });
      await credentials.invalidateCredentials(scope);
      expect(await entry.get()).toBeUndefined();
    }
  });

  test('keeps newer tokens than those that were refused', async () => {
    const { entry, ...credentials } = open();
    await credentials.saveTokens(tokens);
    expect((await credentials.tokens())?.refresh_token).toBe(tokens.refresh_token);
    await entry.update((current) => ({ ...current, refresh_token: 'a newer one' }));
    await credentials.invalidateCredentials('tokens');
    expect(await entry.get()).toMatchObject({ refresh_token: 'a newer one' });
  });

  test('refuses what is no entry', () => {
    // @ts-expect-error: a store is none.
    expect(() => mcpCredentials(createCredentialStore({ storage: memoryBackend() }))).toThrow('"entry"');
  });
});
