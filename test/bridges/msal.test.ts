import { PublicClientApplication, type ICachePlugin } from '@azure/msal-node';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { msalCachePlugin } from '../../src/bridges/msal.js';
import { fileBackend } from '../../src/storage/file.js';
import { memoryBackend } from '../../src/storage/memory.js';
import type { StorageBackend } from '../../src/storage/StorageBackend.js';
import { createCredentialStore } from '../../src/createCredentialStore.js';
import { startEntraServer } from './startEntraServer.js';

const names = Array.from({ length: 8 }, (_, index) => `user${index}`);
const metadata = {
  authorization_endpoint: 'https://login.microsoftonline.com/tenant/oauth2/v2.0/authorize',
  token_endpoint: 'https://login.microsoftonline.com/tenant/oauth2/v2.0/token',
  end_session_endpoint: 'https://login.microsoftonline.com/tenant/oauth2/v2.0/logout',
  jwks_uri: 'https://login.microsoftonline.com/tenant/discovery/v2.0/keys',
  issuer: 'https://login.microsoftonline.com/tenant/v2.0',
};

let server: Awaited<ReturnType<typeof startEntraServer>>;
let directory: string;
const opened: StorageBackend[] = [];

beforeEach(async () => {
  server = await startEntraServer();
  directory = await mkdtemp(join(tmpdir(), 'shelflife-msal-'));
});
afterEach(async () => {
  await server.close();
  for (const backend of opened.splice(0)) await backend.close?.();
  await rm(directory, { recursive: true, force: true });
});

/** As another process would open them. */
function openFiles(): StorageBackend {
  const backend = fileBackend({ directory });
  opened.push(backend);
  return backend;
}

function openApp(cachePlugin: ICachePlugin): PublicClientApplication {
  return new PublicClientApplication({
    auth: {
      clientId: 'client',
      authority: 'https://login.microsoftonline.com/tenant',
      authorityMetadata: JSON.stringify(metadata),
    },
    system: { networkClient: server.networkClient },
    cache: { cachePlugin },
  });
}

const signIn = (app: PublicClientApplication, name: string) =>
  app.acquireTokenByRefreshToken({ refreshToken: `${name}:first`, scopes: ['User.Read'], forceCache: true });

const namesIn = async (app: PublicClientApplication) =>
  (await app.getTokenCache().getAllAccounts()).map(({ username }) => username).toSorted();

describe('msalCachePlugin', () => {
  test('keeps a session from sign-in through a restart and a refresh to sign-out', async () => {
    const first = await signIn(openApp(msalCachePlugin(openFiles())), 'ada');

    const restarted = openApp(msalCachePlugin(openFiles()));
    const [account] = await restarted.getTokenCache().getAllAccounts();
    const request = { account: account!, scopes: ['User.Read'] };
    expect(await restarted.acquireTokenSilent(request)).toMatchObject({
      accessToken: first?.accessToken,
      fromCache: true,
    });
    const refreshed = await restarted.acquireTokenSilent({ ...request, forceRefresh: true });
    expect(refreshed.accessToken).not.toBe(first?.accessToken);

    const next = openApp(msalCachePlugin(openFiles()));
    expect(await next.acquireTokenSilent(request)).toMatchObject({ accessToken: refreshed.accessToken });
    await next.getTokenCache().removeAccount(account!);
    expect(await namesIn(openApp(msalCachePlugin(openFiles())))).toEqual([]);
    expect(await namesIn(restarted)).toEqual([]);
  });

  test.each([
    ['of one process', () => (backend: StorageBackend) => backend],
    ['on files, each with its own', () => () => openFiles()],
  ])('keeps the tokens of 8 apps %s that sign in at once', async (_where, backends) => {
    const shared = memoryBackend();
    const backendOf = backends();
    await Promise.all(names.map((name) => signIn(openApp(msalCachePlugin(backendOf(shared))), name)));
    const app = openApp(msalCachePlugin(backendOf(shared)));
    expect(await namesIn(app)).toEqual(names);
    for (const account of await app.getTokenCache().getAllAccounts()) {
      const token = await app.acquireTokenSilent({ account, scopes: ['User.Read'] });
      expect(token.fromCache).toBe(true);
    }
  });

  test('keeps the tokens of 8 users who sign in at once in one app', async () => {
    const backend = memoryBackend();
    const app = openApp(msalCachePlugin(backend));
    await Promise.all(names.map((name) => signIn(app, name)));
    expect(await namesIn(openApp(msalCachePlugin(backend)))).toEqual(names);
  });

  test('keeps a sign-out in one app while others sign in', async () => {
    const backend = memoryBackend();
    const app = openApp(msalCachePlugin(backend));
    await signIn(app, 'ada');
    const [account] = await app.getTokenCache().getAllAccounts();
    await Promise.all([
      app.getTokenCache().removeAccount(account!),
      ...names.map((name) => signIn(openApp(msalCachePlugin(backend)), name)),
    ]);
    expect(await namesIn(openApp(msalCachePlugin(backend)))).toEqual(names);
  });

  test('keeps caches of different keys apart, and from credentials', async () => {
    const backend = memoryBackend();
    await signIn(openApp(msalCachePlugin(backend, { key: 'work' })), 'ada');
    expect(await namesIn(openApp(msalCachePlugin(backend)))).toEqual([]);
    expect(await namesIn(openApp(msalCachePlugin(backend, { key: 'work' })))).toEqual(['ada']);
    const store = createCredentialStore({ storage: backend, namespace: 'msal' });
    expect(await store.keys()).toEqual([]);
    await store.clear();
    expect(await namesIn(openApp(msalCachePlugin(backend, { key: 'work' })))).toEqual(['ada']);
  });

  test('leaves a damaged cache alone, and shows nothing of it', async () => {
    const backend = memoryBackend();
    const damaged = '{"AccessToken": a secret token';
    await backend.compareAndSet('msal#item:default', undefined, damaged);
    const failed = await signIn(openApp(msalCachePlugin(backend)), 'ada').catch((error: unknown) => error);
    expect(String((failed as Error).stack)).toContain('is damaged');
    expect(String((failed as Error).stack)).not.toContain('a secret token');
    expect(await backend.get('msal#item:default')).toBe(damaged);
  });

  test('rejects with what the backend throws', async () => {
    const failing = { ...memoryBackend(), get: () => Promise.reject(new Error('The disk is gone')) };
    await expect(signIn(openApp(msalCachePlugin(failing)), 'ada')).rejects.toThrow('The disk is gone');
  });

  test.each([[undefined], [{ get() {} }]])('refuses %j as a backend', (backend) => {
    // @ts-expect-error: none of them is one.
    expect(() => msalCachePlugin(backend)).toThrow(TypeError);
  });

  test('refuses a key that is no string', () => {
    // @ts-expect-error: it is a number.
    expect(() => msalCachePlugin(memoryBackend(), { key: 1 })).toThrow('"key"');
  });
});
