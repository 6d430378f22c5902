import { expect, test } from './fixtures.js';

const tabs = 10;

test('ten tabs that start at the same moment make one key, and read what each other wrote @chromium', async ({
  openPage,
}) => {
  const pages = await Promise.all(Array.from({ length: tabs }, () => openPage()));
  const written = await Promise.all(
    pages.map((page, index) =>
      page.evaluate(async (key) => {
        const { encryptedBackend, indexedDBBackend, browserKey } = shelflife;
        const backend = encryptedBackend(indexedDBBackend(), { keys: browserKey() });
        return backend.compareAndSet(`key ${key}`, undefined, `text ${key}`);
      }, index),
    ),
  );
  expect(written).toEqual(Array.from({ length: tabs }, () => true));
  const seen = await Promise.all(
    pages.map((page) =>
      page.evaluate(async (count) => {
        const { encryptedBackend, indexedDBBackend, browserKey } = shelflife;
        const backend = encryptedBackend(indexedDBBackend(), { keys: browserKey() });
        const texts = await Promise.all(Array.from({ length: count }, (_, key) => backend.get(`key ${key}`)));
        return { texts, id: (await browserKey().open()).id };
      }, tabs),
    ),
  );
  expect(new Set(seen.map(({ id }) => id)).size).toBe(1);
  for (const { texts } of seen)
    expect(texts).toEqual(Array.from({ length: tabs }, (_, key) => `text ${key}`));
});

test('the key of the browser can be read out by nobody, and nothing of a token is told to other tabs', async ({
  openPage,
}) => {
  const [page, listener] = [await openPage(), await openPage()];
  await listener.evaluate(() => {
    const heard: unknown[] = [];
    const channel = new BroadcastChannel('shelflife:shelflife');
    channel.onmessage = ({ data }) => heard.push(data);
    addEventListener('storage', ({ key, newValue }) => heard.push({ key, newValue }));
    Object.assign(globalThis, { heard });
  });
  const found = await page.evaluate(async () => {
    const { browserKey, createCredentialStore, encryptedBackend, indexedDBBackend } = shelflife;
    const inner = indexedDBBackend();
    const storage = encryptedBackend(inner, { keys: browserKey() });
    await createCredentialStore({ storage }).entry().set({ access_token: 'secret-token' });
    const { key } = await browserKey().open();
    const exported = await Promise.all(
      (['raw', 'jwk'] as const).map((format) =>
        crypto.subtle.exportKey(format, key).then(
          () => 'exported',
          (error: DOMException) => error.name,
        ),
      ),
    );
    const text = await inner.get('shelflife:default');
    return { exported, text, log: JSON.stringify(localStorage) };
  });
  expect(found.exported).toEqual(['InvalidAccessError', 'InvalidAccessError']);
  expect(found.text).toMatch(/^eyJ/);
  const heard = await listener.evaluate(() => (globalThis as unknown as { heard: unknown[] }).heard);
  expect(heard).toEqual([{ key: 'shelflife:default' }]);
  expect(found.log).toBe('{}');
});

test('an encrypted store is signed in still after a reload, over IndexedDB and over localStorage', async ({
  openPage,
}) => {
  const page = await openPage();
  for (const name of ['indexedDBBackend', 'localStorageBackend'] as const) {
    await page.evaluate(async (factory) => {
      const { browserKey, createCredentialStore, encryptedBackend } = shelflife;
      const storage = encryptedBackend(shelflife[factory](), { keys: browserKey() });
      await createCredentialStore({ storage }).entry().set({ access_token: factory, expires_in: null });
    }, name);
    await page.reload();
    await page.waitForFunction(() => 'shelflife' in globalThis);
    const token = await page.evaluate((factory) => {
      const { browserKey, createCredentialStore, encryptedBackend } = shelflife;
      const storage = encryptedBackend(shelflife[factory](), { keys: browserKey() });
      return createCredentialStore({ storage }).entry().getAccessToken();
    }, name);
    expect(token).toBe(name);
  }
});

test('two tabs on an encrypted store refresh once, by the lease of the backend that it encrypts', async ({
  openPage,
}) => {
  const pages = [await openPage(), await openPage()];
  const [first] = pages;
  await first!.evaluate(async () => {
    const { browserKey, createCredentialStore, encryptedBackend, indexedDBBackend } = shelflife;
    const storage = encryptedBackend(indexedDBBackend(), { keys: browserKey() });
    const session = createCredentialStore({ storage }).entry();
    await session.set({ access_token: 'old', refresh_token: 'r', issued_at: new Date(0), expires_in: 1 });
  });
  const tokens = await Promise.all(
    pages.map((page, index) =>
      page.evaluate((tab) => {
        const { browserKey, createCredentialStore, encryptedBackend, indexedDBBackend } = shelflife;
        const storage = encryptedBackend(indexedDBBackend(), { keys: browserKey() });
        const refresh = async () => {
          await new Promise((resolve) => setTimeout(resolve, 300));
          return { access_token: `new of tab ${tab}`, expires_in: 3600 };
        };
        return createCredentialStore({ storage, refresh }).entry().getAccessToken();
      }, index),
    ),
  );
  expect(tokens[0]).toBe(tokens[1]);
});
