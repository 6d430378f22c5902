import type { CDPSession, Page } from '@playwright/test';
import { expect, test } from './fixtures.js';
import {
  allHoldAnother,
  expectNothingLost,
  heldToken,
  type Observation,
  observeSession,
  signIn,
} from './observeSession.js';
import type { Passage, TokenGate } from './startTokenGate.js';

/** SOAK=1 asks for the long forms. */
const isSoak = Boolean(process.env['SOAK']);
const many = isSoak ? { pages: 20, expiries: 50 } : { pages: 8, expiries: 8 };
const rounds = isSoak ? 10 : 2;
const leeway = 1;
/** From the issue of an access token until its refresh is due: its lifetime without the leeway, in milliseconds. */
const untilDue = 2000;

type ProtocolOf = (page: Page) => Promise<CDPSession>;

/** What becomes of the request of a page that is to end at a moment. */
const passages = {
  'before its request leaves': async () => undefined,
  'between the answer and its commit': async (forward) => {
    await forward();
    return undefined;
  },
  'after its commit': async (forward) => ({ ...(await forward()), stopsAfterCommit: true }),
} satisfies Record<string, Passage>;

/** How the page that holds the lease comes to its end. */
const ends: Record<string, (page: Page, protocolOf: ProtocolOf) => Promise<void>> = {
  'is closed': (page) => page.close(),
  'crashes @chromium': async (page, protocolOf) => {
    const crash = page.waitForEvent('crash');
    // Never answered: there is nobody left to do so.
    void (await protocolOf(page)).send('Page.crash').catch(() => {});
    await crash;
  },
};

test(`${many.pages} pages observe one session through ${many.expiries} expiries with one refresh each`, async ({
  openPage,
  authorizationServer,
}) => {
  test.setTimeout(60_000 + many.expiries * 2 * untilDue);
  const pages = await openSession(many.pages, openPage, { serverFor: () => authorizationServer });
  for (const page of pages) {
    await page.evaluate((tokens) => (session.tokensToSee = tokens), many.expiries + 1);
  }
  await signIn(pages, authorizationServer);
  const views = await Promise.all(pages.map((page) => tokensSeen(page, many.expiries + 1)));

  expectNothingLost(authorizationServer);
  expect(authorizationServer.counters.refreshes).toBe(many.expiries);
  const tokens = views[0]!.map(({ accessToken }) => accessToken);
  expect(new Set(tokens).size).toBe(many.expiries + 1);
  for (const view of views) expect(view.map(({ accessToken }) => accessToken)).toEqual(tokens);

  const lags = tokens.map((_, index) => {
    const moments = views.map((view) => view[index]!.at);
    return Math.max(...moments) - Math.min(...moments);
  });
  test
    .info()
    .annotations.push({ type: 'milliseconds until all pages held a token', description: lags.join(', ') });
  expect(Math.max(...lags), 'milliseconds from the first page to the last').toBeLessThan(1000);
  const issues = views[0]!.map(({ issuedAt }) => issuedAt!);
  for (const [index, issue] of issues.entries()) {
    if (index) expect(issue - issues[index - 1]!).toBeGreaterThanOrEqual(untilDue);
  }
});

test('signing out in one page reaches the signals of every other within a second', async ({
  openPage,
  authorizationServer,
}) => {
  const pages = await openSession(4, openPage, { serverFor: () => authorizationServer });
  await signIn(pages, authorizationServer);
  const signedOutAt = await pages.at(-1)!.evaluate(async () => {
    await session.entry.delete();
    return Date.now();
  });
  for (const page of pages) {
    const heardAt = await page
      .waitForFunction(() => {
        const { accessToken, at } = session.seen.at(-1)!;
        return accessToken === undefined && session.statuses.at(-1) === 'absent' && at;
      })
      .then((moment) => moment.jsonValue());
    expect(Number(heardAt) - signedOutAt).toBeLessThan(1000);
    // A slow page may have made its first read after the sign-in: what was told before it doesn't count.
    const signOuts = await page.evaluate(() => {
      const { statuses } = session;
      const signedIn = statuses.findIndex((status) => status !== 'loading' && status !== 'absent');
      return statuses.slice(signedIn).filter((status) => status === 'absent');
    });
    expect(signOuts).toHaveLength(1);
  }
  expectNothingLost(authorizationServer);
});

for (const [end, endPage] of Object.entries(ends)) {
  for (const moment of ['before its request leaves', 'after its commit'] as const) {
    test(`the page that holds the lease ${end.replace(' @chromium', '')} ${moment}: nothing is lost, and another goes on${tagOf(end)}`, async ({
      openPage,
      openGate,
      authorizationServer,
      protocolOf,
    }) => {
      test.setTimeout(60_000 + rounds * 5 * untilDue);
      const gate = await openGate(passages[moment]);
      let pages = await openSession(4, openPage, gate);
      await signIn(pages, authorizationServer);

      for (let round = 1; round <= rounds; round += 1) {
        const { sender: holder, accessToken } = await gate.stopNext();
        pages = pages.filter((page) => page !== holder);
        const before = accessToken ? undefined : await heldToken(pages[0]!);
        if (accessToken) await expectToken(pages[0]!, accessToken);
        await endPage(holder, protocolOf);
        await allHoldAnother(pages, before);
        const replacement = await openPage();
        await observeSession(replacement, gate.serverFor(replacement), { leeway });
        pages.push(replacement);
      }

      await allHoldAnother(pages, await heldToken(pages[0]!));
      expectNothingLost(authorizationServer);
      expect(authorizationServer.counters.refreshes).toBeGreaterThanOrEqual(rounds + 1);
    });
  }

  test(`the page that holds the lease ${end.replace(' @chromium', '')} between the answer and its commit: one more request, RefreshRejectedError everywhere, and the record is kept${tagOf(end)}`, async ({
    openPage,
    openGate,
    authorizationServer,
    protocolOf,
  }) => {
    const { counters } = authorizationServer;
    const gate = await openGate(passages['between the answer and its commit']);
    const pages = await openSession(4, openPage, gate);
    const stopped = gate.stopNext();
    const token = await signIn(pages, authorizationServer);
    const { sender: holder } = await stopped;
    expect(counters.refreshes).toBe(1);
    await endPage(holder, protocolOf);

    const survivors = pages.filter((page) => page !== holder);
    await Promise.all(survivors.map((page) => expectRejection(page)));
    const latecomer = await openPage();
    await observeSession(latecomer, gate.serverFor(latecomer), { leeway });
    await expectRejection(latecomer);
    for (const page of [...survivors, latecomer]) {
      const outcome = await page.evaluate(async () => {
        await session.entry.until('expired');
        const failure = await session.entry.getAccessToken().catch((error: unknown) => error);
        return { name: (failure as Error).name, kept: (await session.entry.get())?.access_token };
      });
      expect(outcome).toEqual({ name: 'RefreshRejectedError', kept: token });
    }
    expect([...counters.presentations.values()]).toEqual([2]);
    expect({ ...counters, presentations: undefined }).toMatchObject({
      refreshes: 1,
      refusals: 1,
      revokedFamilies: 1,
    });
  });
}

/** Playwright finds tags in titles. */
function tagOf(end: string): string {
  return end.includes('@chromium') ? ' @chromium' : '';
}

async function openSession(
  count: number,
  openPage: () => Promise<Page>,
  { serverFor }: Pick<TokenGate, 'serverFor'>,
): Promise<Page[]> {
  const pages = await Promise.all(Array.from({ length: count }, () => openPage()));
  await Promise.all(pages.map((page) => observeSession(page, serverFor(page), { leeway })));
  return pages;
}

/** The access tokens that a page held, once there were so many. */
async function tokensSeen(page: Page, count: number): Promise<Observation[]> {
  const seen = () => page.evaluate(() => session.seen.filter(({ accessToken }) => accessToken));
  await expect
    .poll(async () => (await seen()).length, { timeout: 15_000 + count * 2 * untilDue })
    .toBe(count);
  return seen();
}

async function expectToken(page: Page, token: string): Promise<void> {
  await expect.poll(() => heldToken(page), { timeout: 10_000, intervals: [20] }).toBe(token);
}

async function expectRejection(page: Page): Promise<void> {
  await expect
    .poll(() => page.evaluate(() => session.entry.expiry.value.error?.name), { timeout: 10_000 })
    .toBe('RefreshRejectedError');
}
