import { expect, test } from './fixtures.js';

for (const how of ['the browser clears them', 'the header Clear-Site-Data does'] as const) {
  for (const wake of ['', 'focus']) {
    test(`an observed entry in IndexedDB notices that site data were cleared, ${wake ? 'at the next wake' : 'also without a wake'}: ${how} @chromium`, async ({
      openPage,
      origin,
      protocolOf,
    }) => {
      const page = await openPage();
      await page.evaluate(async () => {
        const entry = shelflife.createCredentialStore({ storage: shelflife.indexedDBBackend() }).entry();
        await entry.set({ access_token: 'a', expires_in: null });
        entry.expiry.subscribe(({ status, error }) => (document.title = error ? error.message : status));
      });
      await page.waitForFunction(() => document.title === 'fresh');
      if (how === 'the browser clears them')
        await (await protocolOf(page)).send('Storage.clearDataForOrigin', { origin, storageTypes: 'all' });
      else await page.evaluate(() => fetch('/clear-site-data').then((response) => response.text()));
      if (wake) await page.evaluate((type) => dispatchEvent(new Event(type)), wake);
      await page.waitForFunction(() => document.title !== 'fresh', undefined, { timeout: 5000 });
      expect(await page.title()).toBe('absent');
    });
  }
}
