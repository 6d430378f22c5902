import type { JSHandle, Page } from '@playwright/test';
import { expect, test } from './fixtures.js';

const hour = 3_600_000;
const start = Date.UTC(2026, 10, 22, 12);

/** Signs in for an hour and notes each status that a subscriber sees. */
function watch(page: Page): Promise<JSHandle<string[]>> {
  return page.evaluateHandle(async () => {
    const entry = shelflife.createCredentialStore({ storage: shelflife.indexedDBBackend() }).entry();
    await entry.set({ access_token: 'the access token', issued_at: new Date(), expires_in: 3600 });
    const seen: string[] = [];
    entry.expiry.subscribe(({ status }) => seen.push(status));
    return seen;
  });
}

test('after a sleep, expiry is seen once, straight away', async ({ openPage, context }) => {
  await context.clock.install({ time: start });
  const page = await openPage();
  const seen = await watch(page);
  await page.clock.fastForward(2 * hour);
  await expect.poll(() => seen.jsonValue()).toEqual(['fresh', 'expired']);
  await page.clock.runFor(2 * hour);
  expect(await seen.jsonValue()).toEqual(['fresh', 'expired']);
});

test('after a jump of the clock, expiry is seen at the next event that a wake sends', async ({
  openPage,
  context,
}) => {
  await context.clock.install({ time: start });
  const page = await openPage();
  const seen = await watch(page);
  await page.clock.setSystemTime(start + 2 * hour);
  expect(await seen.jsonValue()).toEqual(['fresh']);
  await page.evaluate(() => globalThis.dispatchEvent(new Event('focus')));
  await expect.poll(() => seen.jsonValue()).toEqual(['fresh', 'expired']);
});

test('after a jump of the clock that no event tells of, expiry is seen within a minute', async ({
  openPage,
  context,
}) => {
  await context.clock.install({ time: start });
  const page = await openPage();
  const seen = await watch(page);
  await page.clock.setSystemTime(start + 2 * hour);
  await page.clock.runFor(60_000);
  await expect.poll(() => seen.jsonValue()).toEqual(['fresh', 'expired']);
});
