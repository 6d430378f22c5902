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

declare global {
  /** What the page keeps across its stay in the cache. */
  var state: {
    readonly backend: import('../src/index.js').StorageBackend;
    readonly heard: (string | undefined)[];
    persisted: boolean;
  };
}
