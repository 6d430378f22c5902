import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, libraryOf, test } from './fixtures.js';
import { startFreezableBrowser } from './startFreezableBrowser.js';

const issuedAt = Date.UTC(2026, 10, 22, 12);

/** Signs in for a hundred years, with what only superjson keeps: a Date, `undefined` and a nested Date. */
function signIn(page: Page): Promise<void> {
  return page.evaluate(async (time) => {
    const store = shelflife.createCredentialStore({ storage: shelflife.indexedDBBackend() });
    await store.entry().set({
      access_token: 'the access token',
      refresh_token: null,
      issued_at: new Date(time),
      expires_in: 3_155_760_000,
      claims: { updated_at: new Date(time + 1), scope: ['one', 'two'] },
    });
    await store.close();
  }, issuedAt);
}

/** What `signIn` stored, as another page finds it. */
function read(page: Page): Promise<unknown> {
  return page.evaluate(async () => {
    const store = shelflife.createCredentialStore({ storage: shelflife.indexedDBBackend() });
    const credentials = await store.entry().get();
    const { claims } = (credentials ?? {}) as { claims?: { updated_at: Date } };
    return {
      ...credentials,
      isDate: credentials?.issued_at instanceof Date && claims?.updated_at instanceof Date,
      status: store.entry().expiry.value.status,
    };
  });
}

const found = {
  access_token: 'the access token',
  refresh_token: null,
  issued_at: new Date(issuedAt),
  expires_in: 3_155_760_000,
  claims: { updated_at: new Date(issuedAt + 1), scope: ['one', 'two'] },
  isDate: true,
  status: 'fresh',
};

test('credentials survive a reload, with their Date', async ({ openPage }) => {
  const page = await openPage();
  await signIn(page);
  await page.reload();
  await libraryOf(page);
  expect(await read(page)).toEqual(found);
});

test('credentials survive the end of the browser, with their Date', async ({
  openPage,
  playwright,
  browserName,
  launchOptions,
  channel,
}) => {
  const profile = await mkdtemp(join(tmpdir(), 'shelflife-profile-'));
  const launch = () =>
    playwright[browserName].launchPersistentContext(profile, {
      ...launchOptions,
      ...(channel && { channel }),
    });
  try {
    const first = await launch();
    await signIn(await openPage(first));
    await first.close();
    const second = await launch();
    expect(await read(await openPage(second))).toEqual(found);
    await second.close();
  } finally {
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
});

test('credentials survive a browser that is killed right after they were stored @chromium', async ({
  openPage,
  launchOptions,
}) => {
  const first = await startFreezableBrowser(launchOptions);
  try {
    await signIn(await openPage(first.context));
  } finally {
    await first.kill();
  }
  const second = await startFreezableBrowser(launchOptions, first.profile);
  try {
    expect(await read(await openPage(second.context))).toEqual(found);
  } finally {
    await second.close();
  }
});

test('a worker reads what the page wrote, with its Date', async ({ openPage }) => {
  const page = await openPage();
  await signIn(page);
  const answer = await page.evaluate(async () => {
    const worker = new Worker('/worker.js', { type: 'module' });
    const next = () =>
      new Promise<unknown>((resolve) =>
        worker.addEventListener('message', ({ data }) => resolve(data), { once: true }),
      );
    await next();
    const readInWorker = async () => {
      const store = shelflife.createCredentialStore({ storage: shelflife.indexedDBBackend() });
      return { ...(await store.entry().get()) };
    };
    worker.postMessage({ source: String(readInWorker) });
    return next();
  });
  const { isDate: _isDate, status: _status, ...credentials } = found;
  expect(answer).toEqual(credentials);
});

test('signing in and out in one tab reaches the signals of another', async ({ openPage }) => {
  const [here, there] = [await openPage(), await openPage()];
  await there.evaluate(() => {
    const { expiry } = shelflife.createCredentialStore({ storage: shelflife.indexedDBBackend() }).entry();
    expiry.subscribe(({ status }) => (document.title = status));
  });
  await there.waitForFunction(() => document.title === 'absent');
  await signIn(here);
  await there.waitForFunction(() => document.title === 'fresh');
  await here.evaluate(async () => {
    await shelflife.createCredentialStore({ storage: shelflife.indexedDBBackend() }).entry().delete();
  });
  await there.waitForFunction(() => document.title === 'absent');
});

test('a deleted database is "absent", and signing in again works', async ({ openPage }) => {
  const [page, deleter] = [await openPage(), await openPage()];
  await signIn(page);
  const entry = await page.evaluateHandle(() =>
    shelflife.createCredentialStore({ storage: shelflife.indexedDBBackend() }).entry(),
  );
  expect(await entry.evaluate(async (own) => (await own.get())?.access_token)).toBe('the access token');
  await deleter.evaluate(
    () =>
      new Promise((resolve) => {
        indexedDB.deleteDatabase('shelflife').onsuccess = resolve;
      }),
  );
  expect(await entry.evaluate((own) => own.get())).toBeUndefined();
  expect(await entry.evaluate((own) => own.expiry.value.status)).toBe('absent');
  await entry.evaluate((own) => own.set({ access_token: 'another', expires_in: null }));
  expect(await entry.evaluate(async (own) => (await own.get())?.access_token)).toBe('another');
});

test('a full storage rejects with StorageQuotaError, and health tells it until a write succeeds @chromium', async ({
  openPage,
  origin,
  protocolOf,
}) => {
  const page = await openPage();
  const protocol = await protocolOf(page);
  await protocol.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1_000_000 });
  const store = await page.evaluateHandle(() =>
    shelflife.createCredentialStore({ storage: shelflife.indexedDBBackend() }),
  );
  await store.evaluate((own) => own.entry().set({ access_token: 'the first', expires_in: null }));
  const failure = await store.evaluate(async (own) => {
    const access_token = Array.from({ length: 200_000 }, () => Math.random()).join('');
    const error: unknown = await own
      .entry()
      .set({ access_token, expires_in: null })
      .catch((reason: unknown) => reason);
    const { status, error: known } = own.health.value;
    return {
      isQuotaError: error instanceof shelflife.StorageQuotaError,
      quotesTheToken: JSON.stringify(error).includes(access_token.slice(0, 20)),
      status,
      known: known?.code,
    };
  });
  expect(failure).toEqual({
    isQuotaError: true,
    quotesTheToken: false,
    status: 'failed',
    known: 'ERR_STORAGE_QUOTA',
  });
  expect(await store.evaluate(async (own) => (await own.entry().get())?.access_token)).toBe('the first');

  await protocol.send('Storage.overrideQuotaForOrigin', { origin });
  await expect
    .poll(() =>
      store.evaluate((own) =>
        own
          .entry()
          .set({ access_token: 'next', expires_in: null })
          .then(
            () => true,
            () => false,
          ),
      ),
    )
    .toBe(true);
  expect(await store.evaluate((own) => own.health.value.status)).toBe('ok');
});
