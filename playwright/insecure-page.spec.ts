import { expect, libraryOf, test } from './fixtures.js';

test.use({
  launchOptions: async ({ launchOptions }, use) => {
    const args = [...(launchOptions.args ?? []), '--host-resolver-rules=MAP shelflife.test 127.0.0.1'];
    await use({ ...launchOptions, args });
  },
});

test('on an insecure page credentials are kept and refreshed, and health is degraded @chromium', async ({
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
