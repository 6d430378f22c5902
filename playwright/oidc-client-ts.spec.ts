import type { Page } from '@playwright/test';
import type { User, UserManager } from 'oidc-client-ts';
import type * as bridge from '../src/bridges/oidc-client-ts.js';
import { expect, test } from './fixtures.js';

interface Client {
  readonly authority: string;
  readonly client_id: string;
}

declare global {
  /** oidc-client-ts' manager, in the pages of these tests. */
  var userManager: UserManager;
}

/** Gives the page a manager that keeps its users and the state of its sign-ins in IndexedDB. */
function openManager(page: Page, client: Client): Promise<void> {
  return page.evaluate(async (options) => {
    const load = (path: string): Promise<unknown> => import(path);
    const { UserManager, Log } = (await load(
      '/node_modules/oidc-client-ts/dist/esm/oidc-client-ts.js',
    )) as typeof import('oidc-client-ts');
    const { oidcStateStore } = (await load('/dist/oidc-client-ts.js')) as typeof bridge;
    Log.setLogger(console);
    const store = oidcStateStore(shelflife.indexedDBBackend());
    globalThis.userManager = new UserManager({
      ...options,
      redirect_uri: `${location.origin}/`,
      scope: 'openid profile',
      userStore: store,
      stateStore: store,
      automaticSilentRenew: false,
      monitorSession: false,
    });
  }, client);
}

const userOf = (page: Page): Promise<Pick<User, 'access_token'> | null> =>
  page.evaluate(async () => {
    const user = await userManager.getUser();
    return user && { access_token: user.access_token, refresh_token: user.refresh_token };
  });

test("oidc-client-ts' UserManager keeps its user with us, from sign-in through a reload and a refresh to sign-out", async ({
  openPage,
  authorizationServer,
}) => {
  const client = { authority: authorizationServer.issuer, client_id: authorizationServer.clientId };
  const page = await openPage();
  await openManager(page, client);
  expect(await userOf(page)).toBeNull();

  await page.evaluate(() => void userManager.signinRedirect());
  await page.waitForURL(/[?&]code=/);
  await page.waitForFunction(() => 'shelflife' in globalThis);
  await openManager(page, client);
  await page.evaluate(() => userManager.signinRedirectCallback());
  const signedIn = await userOf(page);
  expect(signedIn).toMatchObject({ access_token: expect.any(String), refresh_token: expect.any(String) });

  // The answer of the sign-in can't be used again.
  await expect(page.evaluate(() => userManager.signinRedirectCallback())).rejects.toThrow(
    'No matching state found in storage',
  );

  const other = await openPage();
  await openManager(other, client);
  expect(await userOf(other)).toEqual(signedIn);

  // Credentials of ours in the same database are none of its business, even when it tidies up.
  await other.evaluate(async () => {
    const store = shelflife.createCredentialStore({ storage: shelflife.indexedDBBackend() });
    await store.entry().set({ access_token: 'ours' });
    await userManager.clearStaleState();
    await store.close();
  });

  await other.evaluate(() => userManager.signinSilent());
  const refreshed = await userOf(other);
  expect(refreshed).not.toEqual(signedIn);
  expect(await userOf(page)).toEqual(refreshed);
  expect(authorizationServer.counters).toMatchObject({ refreshes: 1, refusals: 0 });

  await page.evaluate(() => userManager.removeUser());
  expect(await userOf(other)).toBeNull();
  const ours = await page.evaluate(() =>
    shelflife.createCredentialStore({ storage: shelflife.indexedDBBackend() }).entry().get(),
  );
  expect(ours).toMatchObject({ access_token: 'ours' });
});
