import { spawn } from 'node:child_process';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.js';
import { expectNothingLost, observeSession, signIn } from './observeSession.js';

/** SOAK=1 asks for the long forms. */
const isSoak = Boolean(process.env['SOAK']);
const expiries = isSoak ? 50 : 4;
const tabs = 12;
const rounds = isSoak ? 40 : 3;

/** From the issue of an access token until its refresh is due: its lifetime without the leeway, in milliseconds. */
const untilDue = 2000;

function openTabs(count: number, openPage: () => Promise<Page>): Promise<Page[]> {
  return Promise.all(Array.from({ length: count }, () => openPage()));
}

/** Adds one to a counter in a record, again and again, and tells how often. */
function increment(page: Page, times: number): Promise<void> {
  return page.evaluate(async (count) => {
    const entry = shelflife
      .createCredentialStore({ storage: shelflife.localStorageBackend(), timeout: 60_000 })
      .entry();
    for (let done = 0; done < count; done++)
      await entry.update((current) => ({ ...current, count: Number(current?.['count'] ?? 0) + 1 }));
  }, times);
}

/** The counter as a page sees it once it holds the lease. */
function countIn(page: Page): Promise<unknown> {
  return page.evaluate(async () => {
    const backend = shelflife.localStorageBackend();
    const [key = ''] = await Promise.resolve(backend.keys('') as string[]);
    const lease = await backend.lease!(key, { signal: new AbortController().signal });
    const text = await backend.get(key);
    await lease.release();
    return /"count":(\d+)/.exec(text ?? '')?.[1];
  });
}

/** Keeps both cores busy until the returned function is called. */
function loadMachine(): () => void {
  const burners = [0, 1].map(() => spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }));
  return () => burners.forEach((burner) => burner.kill('SIGKILL'));
}

test(`${tabs} tabs observe one session in localStorage through ${expiries} expiries with one refresh each @chromium`, async ({
  openPage,
  authorizationServer,
}) => {
  test.setTimeout(90_000 + expiries * 3 * untilDue);
  const pages = await openTabs(tabs, openPage);
  for (const page of pages) {
    await observeSession(page, authorizationServer, { backend: 'localStorageBackend' });
    await page.evaluate((tokens) => (session.tokensToSee = tokens), expiries + 1);
  }
  expect(await pages[0]!.evaluate(() => session.store.health.value.status)).toBe('ok');
  await signIn(pages, authorizationServer);
  const seen = (page: Page) =>
    page.evaluate(() => session.seen.flatMap(({ accessToken }) => accessToken ?? []));
  for (const page of pages)
    await expect
      .poll(async () => (await seen(page)).length, { timeout: 30_000 + expiries * 3 * untilDue })
      .toBe(expiries + 1);
  expectNothingLost(authorizationServer);
  expect(authorizationServer.counters.refreshes).toBe(expiries);
  for (const page of pages) expect(await seen(page)).toEqual(await seen(pages[0]!));
});

for (const load of ['', ' on a loaded machine @chromium']) {
  test(`6 tabs update one record in localStorage 40 times each${load}, and nothing is lost`, async ({
    openPage,
  }) => {
    test.setTimeout(120_000);
    const pages = await openTabs(6, openPage);
    const relieve = load ? loadMachine() : () => {};
    try {
      await Promise.all(pages.map((page) => increment(page, 40)));
    } finally {
      relieve();
    }
    for (const page of pages) expect(await countIn(page)).toBe('240');
  });
}

for (const end of ['is closed', 'crashes @chromium']) {
  test(`what a tab wrote into localStorage is there for the next one, though it ${end} right after`, async ({
    openPage,
    protocolOf,
  }) => {
    const [reader, ...writers] = await openTabs(rounds + 1, openPage);
    for (const [index, writer] of writers.entries()) {
      await increment(writer, 1);
      // Never answered by a page that crashes.
      if (end === 'is closed') void writer.close();
      else void (await protocolOf(writer)).send('Page.crash').catch(() => {});
      await increment(reader!, 1);
      expect(await countIn(reader!)).toBe(String(2 * index + 2));
    }
  });
}

test('a tab that ends in the middle of its writes holds up no other for long, and what it was told is done stays @chromium', async ({
  openPage,
}) => {
  const [reader, ...writers] = await openTabs(rounds + 1, openPage);
  await increment(reader!, 1);
  for (const writer of writers) {
    const told: number[] = [];
    await writer.exposeFunction('tell', (count: number) => void told.push(count));
    void writer
      .evaluate(async () => {
        const { tell } = globalThis as unknown as { tell(count: number): Promise<void> };
        const entry = shelflife.createCredentialStore({ storage: shelflife.localStorageBackend() }).entry();
        for (;;) {
          const record = await entry.update((current) => ({
            ...current,
            count: Number(current?.['count']) + 1,
          }));
          void tell(Number(record?.['count']));
        }
      })
      .catch(() => {});
    await expect.poll(() => told.length, { timeout: 30_000 }).toBeGreaterThan(3);
    await writer.close();
    expect(Number(await countIn(reader!))).toBeGreaterThanOrEqual(told.at(-1)!);
  }
});

test('what another program removed from localStorage is absent, and can be written at once by the page that saw it', async ({
  openPage,
}) => {
  const [page, other] = [await openPage(), await openPage()];
  await increment(page, 1);
  await other.evaluate(() => localStorage.clear());
  await page.waitForFunction(() => localStorage.length === 0);
  await increment(page, 1);
  await increment(other, 1);
  expect(await countIn(page)).toBe('2');
});

for (const missing of ['Web Locks', 'IndexedDB'] as const) {
  test(`without ${missing}, localStorage is of scope "context", and degraded as soon as a second tab is there`, async ({
    context,
    openPage,
  }) => {
    await context.addInitScript((what) => {
      if (what === 'Web Locks') delete (Navigator.prototype as { locks?: LockManager }).locks;
      // As it is where site data are blocked, or a profile is damaged.
      else
        IDBFactory.prototype.open = () => {
          throw new DOMException('It does not open here.', 'SecurityError');
        };
    }, missing);
    const use = (page: Page) =>
      page.evaluateHandle(async () => {
        const backend = shelflife.localStorageBackend();
        const store = shelflife.createCredentialStore({ storage: backend });
        const healths: string[] = [];
        store.health.subscribe(({ status }) => healths.push(status));
        store.entry().expiry.subscribe(() => {});
        await store.entry().update((current) => ({ ...current, access_token: 'a', expires_in: null }));
        return { backend, healths };
      });
    const [page, other] = [await openPage(), await openPage()];
    const first = await use(page);
    expect(await first.evaluate(({ backend }) => backend.scope)).toBe('context');
    expect(await first.evaluate(({ healths }) => healths)).toEqual(['ok']);
    const second = await use(other);
    for (const each of [first, second])
      await expect.poll(() => each.evaluate(({ healths }) => healths.at(-1))).toBe('degraded');
  });
}

test('with Web Locks and IndexedDB, localStorage is of scope "origin", and read at once', async ({
  openPage,
}) => {
  const page = await openPage();
  await increment(page, 1);
  const outcome = await page.evaluate(() => {
    const storage = shelflife.localStorageBackend();
    const { expiry } = shelflife.createCredentialStore({ storage }).entry();
    return { scope: storage.scope, status: expiry.value.status };
  });
  expect(outcome).toEqual({ scope: 'origin', status: 'queued' });
});
