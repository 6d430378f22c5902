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

/** When the page that holds the lease is frozen: what the server has seen by then. */
const moments = { 'before its request reaches the server': 0, 'between the answer and its commit': 1 };

for (const [moment, presented] of Object.entries(moments)) {
  test(`a page that is frozen with the lease, ${moment}, keeps it: nobody else sends its token, and it goes on when it wakes @chromium`, async ({
    freezable,
    openPage,
    openGate,
    authorizationServer,
  }) => {
    const { counters } = authorizationServer;
    const [holder, waiter] = [await openPage(freezable.context), await openPage(freezable.context)];
    const [released, letGo] = makeGate();
    const [reached, hasReached] = makeGate();
    const gate = await openGate(async (forward) => {
      const answer = presented ? await forward() : undefined;
      hasReached();
      await released;
      return answer ?? forward();
    });
    const stopped = gate.stopNext();
    await observeSession(holder, gate.serverFor(holder));
    const token = await signIn([holder], authorizationServer);
    await reached;
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
    expect(counters.presentations.size, 'requests that left').toBe(presented);

    letGo();
    await freezable.wake(holder);
    expect((await stopped).sender).toBe(holder);
    await allHoldAnother([holder, waiter], token);
    expectNothingLost(authorizationServer);
  });
}

test('a page that is frozen with the lease, after its commit: the others have its token, and go on when it wakes @chromium', async ({
  freezable,
  openPage,
  openGate,
  authorizationServer,
}) => {
  const [holder, other] = [await openPage(freezable.context), await openPage(freezable.context)];
  const gate = await openGate(async (forward) => ({ ...(await forward()), stopsAfterCommit: true }));
  const stopped = gate.stopNext();
  // Its write is done, but it never hears of that: after its own bound it gives the lease back.
  await observeSession(holder, gate.serverFor(holder), { timeout: 1000 });
  await signIn([holder], authorizationServer);
  const { accessToken } = await stopped;
  await observeSession(other, gate.serverFor(other));
  await expect.poll(() => heldToken(other), { intervals: [20] }).toBe(accessToken);
  await freezable.freeze(holder);
  // Through the next expiry: the other one waits for the lease.
  await other.evaluate(() => session.entry.until(['expiring', 'expired']));
  expect(authorizationServer.counters.presentations.size).toBe(1);

  await freezable.wake(holder);
  await allHoldAnother([other], accessToken);
  expectNothingLost(authorizationServer);
});

function makeGate(): [Promise<void>, () => void] {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return [opened, open];
}
