import { expect, libraryOf, test } from './fixtures.js';
import { allHoldAnother, expectNothingLost, observeSession, signIn } from './observeSession.js';

test.beforeEach(async ({ context }) => {
  await context.addInitScript(() => {
    delete (Navigator.prototype as { locks?: LockManager }).locks;
  });
});

test('without Web Locks, a single tab refreshes once for each expiry, also after a reload, and health is degraded', async ({
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

test('without Web Locks, callers in one tab share one refresh', async ({ openPage, authorizationServer }) => {
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
