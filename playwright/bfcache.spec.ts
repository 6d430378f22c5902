import { expect, libraryOf, test } from './fixtures.js';

test.use({
  launchOptions: async ({ launchOptions }, use) => {
    // Playwright switches the back/forward cache off.
    await use({ ...launchOptions, ignoreDefaultArgs: ['--disable-back-forward-cache'] });
  },
});

test('a page with an open backend is kept in the back/forward cache, and goes on after it @chromium', async ({
  openPage,
  origin,
}) => {
  const [page, other] = [await openPage(), await openPage()];
  await page.evaluate(async () => {
    const backend = shelflife.indexedDBBackend();
    const state = { backend, heard: [] as (string | undefined)[], persisted: false };
    Object.assign(globalThis, { state });
    backend.subscribe!((key) => state.heard.push(key));
    globalThis.addEventListener('pageshow', (event) => (state.persisted = event.persisted));
    await backend.compareAndSet('key', undefined, 'before');
  });
  await page.goto(`${origin}/elsewhere`);
  await other.evaluate(async () => {
    await shelflife.indexedDBBackend().compareAndSet('key', 'before', 'meanwhile');
  });
  await page.goBack({ waitUntil: 'commit' });
  await libraryOf(page);

  expect(await page.evaluate(() => state.persisted), 'restored from the cache').toBe(true);
  expect(await page.evaluate(() => state.backend.get('key'))).toBe('meanwhile');
  expect(await page.evaluate(() => state.backend.compareAndSet('key', 'meanwhile', 'after'))).toBe(true);
  await other.evaluate(async () => {
    await shelflife.indexedDBBackend().compareAndSet('key', 'after', 'again');
  });
  await page.waitForFunction(() => state.heard.includes('key'));
});

test('while a page is in the back/forward cache time passes, and expiry is seen once on return @chromium', async ({
  openPage,
  origin,
}) => {
  const page = await openPage();
  await page.evaluate(async () => {
    const visit = { seen: [] as string[], offset: 0 };
    Object.assign(globalThis, { visit });
    const entry = shelflife
      .createCredentialStore({
        storage: shelflife.indexedDBBackend(),
        clock: {
          now: () => Date.now() + visit.offset,
          setTimeout: (run, milliseconds) => setTimeout(run, milliseconds),
          clearTimeout: (handle) => clearTimeout(handle as number),
        },
      })
      .entry();
    await entry.set({ access_token: 'the access token', issued_at: new Date(), expires_in: 3600 });
    // Two hours pass while the page is away.
    globalThis.addEventListener('pagehide', () => (visit.offset = 7_200_000));
    globalThis.addEventListener('pageshow', ({ persisted }) => visit.seen.push(`back, ${persisted}`), {
      capture: true,
    });
    entry.expiry.subscribe(({ status }) => visit.seen.push(status));
  });
  await page.goto(`${origin}/elsewhere`);
  await page.goBack({ waitUntil: 'commit' });
  await libraryOf(page);
  await page.waitForFunction(() => visit.seen.includes('expired'));
  const seen = await page.evaluate(() => visit.seen);
  expect(seen, 'restored from the cache').toContain('back, true');
  expect(seen.filter((status) => status !== 'back, true')).toEqual(['fresh', 'expired']);
  expect(seen.indexOf('expired')).toBeGreaterThan(seen.indexOf('fresh'));
});

declare global {
  /** What the pages keep across their stay in the cache. */
  var state: {
    readonly backend: import('../src/index.js').StorageBackend;
    readonly heard: (string | undefined)[];
    persisted: boolean;
  };
  var visit: { readonly seen: string[]; offset: number };
}
