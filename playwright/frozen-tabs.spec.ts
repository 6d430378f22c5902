import type { Page } from '@playwright/test';
import { expect, test as base } from './fixtures.js';
import { allHoldAnother, expectNothingLost, heldToken, observeSession, signIn } from './observeSession.js';
import { type FreezableBrowser, startFreezableBrowser } from './startFreezableBrowser.js';

const test = base.extend<{ readonly freezable: FreezableBrowser }>({
  freezable: async ({ launchOptions }, use) => {
    const browser = await startFreezableBrowser(launchOptions);
    await use(browser);
    await browser.close();
  },
});

test('a page that was frozen through two expiries is right within a second after it wakes, without a request @chromium', async ({
  freezable,
  openPage,
  authorizationServer,
}) => {
  const pages = [await openPage(freezable.context), await openPage(freezable.context)];
  const [sleeper, other] = pages as [Page, Page];
  for (const page of pages) await observeSession(page, authorizationServer);
  await sleeper.evaluate(() => session.entry.set({ access_token: 'an old one', expires_in: null }));
  await freezable.freeze(sleeper);
  const frozenAt = Date.now();
  let token = await signIn([other], authorizationServer);
  for (let expiry = 1; expiry <= 2; expiry += 1) token = await allHoldAnother([other], token);

  await other.evaluate(() => session.store.close());
  token = (await heldToken(other))!;
  const refreshes = authorizationServer.counters.refreshes;
  const wokenAt = Date.now();
  await freezable.wake(sleeper);
  const heardAt = await sleeper
    .waitForFunction((newest) => session.seen.find(({ accessToken }) => accessToken === newest)?.at, token)
    .then((moment) => moment.jsonValue());
  expect(heardAt! - wokenAt).toBeLessThan(1000);
  const told = await sleeper.evaluate(() => session.seen.map(({ at }) => at));
  expect(told.filter((at) => at > frozenAt && at < wokenAt)).toEqual([]);
  // Closed stores refresh no more, and neither did the page that slept.
  expect(authorizationServer.counters.presentations.size).toBe(refreshes);
  expectNothingLost(authorizationServer);
});

test('a frozen page that holds the lease keeps it: nobody else sends its token, and it goes on when it wakes @chromium', async ({
  freezable,
  openPage,
  openGate,
  authorizationServer,
}) => {
  const { counters } = authorizationServer;
  const [holder, waiter] = [await openPage(freezable.context), await openPage(freezable.context)];
  let letGo = (): void => {};
  const released = new Promise<void>((resolve) => (letGo = resolve));
  let hasAsked = (): void => {};
  const asked = new Promise<void>((resolve) => (hasAsked = resolve));
  const gate = await openGate(async (forward) => {
    hasAsked();
    await released;
    return forward();
  });
  const stopped = gate.stopNext();
  await observeSession(holder, gate.serverFor(holder));
  const token = await signIn([holder], authorizationServer);
  await asked;
  await freezable.freeze(holder);
  await observeSession(waiter, gate.serverFor(waiter), { timeout: 1000, refreshTimeout: 500 });

  for (const _ of [1, 2, 3]) {
    const failure = await waiter.evaluate(() =>
      session.entry.refresh().then(
        () => undefined,
        ({ name, retryable }: { name: string; retryable: boolean }) => ({ name, retryable }),
      ),
    );
    expect(failure).toEqual({ name: 'TimeoutError', retryable: true });
  }
  expect(await heldToken(waiter), 'the record is readable all the while').toBe(token);
  expect(counters.presentations.size, 'requests that left').toBe(0);

  letGo();
  await freezable.wake(holder);
  expect((await stopped).sender).toBe(holder);
  await allHoldAnother([holder, waiter], token);
  expectNothingLost(authorizationServer);
});
