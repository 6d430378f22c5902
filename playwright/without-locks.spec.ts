import { expect, libraryOf, test } from './fixtures.js';
import { allHoldAnother, expectNothingLost, observeSession, signIn } from './observeSession.js';

test.describe('without Web Locks', () => {
  test.beforeEach(async ({ context }) => {
    await context.addInitScript(() => {
      delete (Navigator.prototype as { locks?: LockManager }).locks;
    });
  });

  test('a single tab refreshes once for each expiry, also after a reload, and health is degraded', async ({
    openPage,
    authorizationServer,
  }) => {
    const page = await openPage();
    expect(await page.evaluate(() => 'locks' in navigator)).toBe(false);
    await observeSession(page, authorizationServer);
    const first = await signIn([page], authorizationServer);
    const second = await allHoldAnother([page], first);
    expect(await page.evaluate(() => session.store.health.value)).toEqual({
      status: 'degraded',
      persistent: true,
      backend: 'indexeddb',
      error: undefined,
    });

    await page.reload();
    await libraryOf(page);
    await observeSession(page, authorizationServer);
    await allHoldAnother([page], second);
    expectNothingLost(authorizationServer);
  });

  test('two callers in one tab share one refresh', async ({ openPage, authorizationServer }) => {
    const page = await openPage();
    await observeSession(page, authorizationServer);
    const before = await signIn([page], authorizationServer);
    const tokens = await page.evaluate(async () => {
      await session.entry.invalidate();
      const entries = [session.entry, session.store.entry()];
      return Promise.all([...entries, ...entries].map((entry) => entry.getAccessToken()));
    });
    expect(new Set(tokens).size).toBe(1);
    expect(tokens[0]).not.toBe(before);
    expectNothingLost(authorizationServer);
  });
});

test.describe('on an insecure page', () => {
  test.use({
    launchOptions: async ({ launchOptions }, use) => {
      const args = [...(launchOptions.args ?? []), '--host-resolver-rules=MAP shelflife.test 127.0.0.1'];
      await use({ ...launchOptions, args });
    },
  });

  test('credentials are kept and refreshed, and health is degraded @chromium', async ({
    context,
    origin,
  }) => {
    const page = await context.newPage();
    await page.goto(origin.replace('127.0.0.1', 'shelflife.test'));
    await libraryOf(page);
    const use = () =>
      page.evaluate(async () => {
        const store = shelflife.createCredentialStore({
          storage: shelflife.indexedDBBackend(),
          refresh: async () => ({ access_token: 'refreshed', expires_in: 3600 }),
        });
        const entry = store.entry();
        const stored = await entry.get();
        if (!stored) await entry.set({ access_token: 'first', refresh_token: 'rotating' });
        const accessToken = await entry.getAccessToken();
        return {
          isSecureContext,
          stored: stored?.access_token,
          accessToken,
          health: store.health.value.status,
        };
      });
    const insecure = { isSecureContext: false, accessToken: 'refreshed', health: 'degraded' };
    expect(await use()).toEqual({ ...insecure, stored: undefined });
    await page.reload();
    await libraryOf(page);
    expect(await use()).toEqual({ ...insecure, stored: 'refreshed' });
  });
});
