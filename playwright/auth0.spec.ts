import type { Auth0Client } from '@auth0/auth0-spa-js';
import type { Page } from '@playwright/test';
import type * as bridge from '../src/bridges/auth0.js';
import { expect, libraryOf, test } from './fixtures.js';
import { startAuth0Server } from './startAuth0Server.js';

declare global {
  /** auth0-spa-js' client, in the pages of these tests. */
  var auth0: Auth0Client;
}

/** Gives the page a client that keeps its tokens in IndexedDB. */
function openClient(page: Page, domain: string): Promise<void> {
  return page.evaluate(async (server) => {
    const load = (path: string): Promise<unknown> => import(path);
    const { Auth0Client } = (await load(
      '/node_modules/@auth0/auth0-spa-js/dist/auth0-spa-js.production.esm.js',
    )) as typeof import('@auth0/auth0-spa-js');
    const { auth0Cache } = (await load('/dist/auth0.js')) as typeof bridge;
    globalThis.auth0 = new Auth0Client({
      domain: server,
      clientId: 'client',
      useRefreshTokens: true,
      cache: auth0Cache(shelflife.indexedDBBackend()),
      authorizationParams: { redirect_uri: `${location.origin}/` },
    });
  }, domain);
}

const tokenOf = (page: Page, cacheMode: 'on' | 'off' = 'on'): Promise<string | undefined> =>
  page.evaluate((mode) => auth0.getTokenSilently({ cacheMode: mode }), cacheMode);

test('auth0-spa-js keeps its tokens with us, from sign-in through a reload and a refresh to sign-out', async ({
  openPage,
}) => {
  const server = await startAuth0Server();
  try {
    const page = await openPage();
    await openClient(page, server.origin);
    await page.evaluate(() => void auth0.loginWithRedirect());
    await page.waitForURL(/[?&]code=/);
    await libraryOf(page);
    await openClient(page, server.origin);
    await page.evaluate(() => auth0.handleRedirectCallback());
    const signedIn = await tokenOf(page);

    await page.reload();
    await libraryOf(page);
    await openClient(page, server.origin);
    expect(await tokenOf(page)).toBe(signedIn);

    // The refresh token is accepted once: each refresh needs the one that the last left behind.
    const other = await openPage();
    await openClient(other, server.origin);
    const refreshed = [await tokenOf(other, 'off'), await tokenOf(page, 'off'), await tokenOf(other, 'off')];
    expect(new Set([signedIn, ...refreshed]).size).toBe(4);
    expect(await tokenOf(page)).toBe(refreshed[2]);
    expect(server.seen).toEqual({ refreshes: 3, refusals: 0 });

    await page.evaluate(() => auth0.logout({ openUrl: false }));
    await expect(tokenOf(other)).rejects.toThrow();
    expect(
      await other.evaluate(async () => [...((await shelflife.indexedDBBackend().keys('')) as string[])]),
    ).toEqual([]);
  } finally {
    await server.close();
  }
});
