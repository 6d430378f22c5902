import { expect, libraryOf, test } from './fixtures.js';

test('the database deleted underneath is absent, not an error, and can be written again', async ({
  openPage,
}) => {
  const [page, deleter] = [await openPage(), await openPage()];
  const backend = await page.evaluateHandle(() => shelflife.indexedDBBackend());
  await backend.evaluate(async (own) => void (await own.compareAndSet('key', undefined, 'value')));
  await deleter.evaluate(
    () =>
      new Promise<void>((resolve, reject) => {
        const request = indexedDB.deleteDatabase('shelflife');
        request.onsuccess = () => resolve();
        request.onblocked = () => reject(new Error('The connection did not give way.'));
      }),
  );
  expect(await backend.evaluate((own) => own.get('key'))).toBeUndefined();
  expect(await backend.evaluate((own) => own.compareAndSet('key', undefined, 'new'))).toBe(true);
});

test('the storage of the origin cleared underneath is absent too @chromium', async ({
  openPage,
  origin,
  protocolOf,
}) => {
  const page = await openPage();
  const backend = await page.evaluateHandle(() => shelflife.indexedDBBackend());
  await backend.evaluate(async (own) => void (await own.compareAndSet('key', undefined, 'value')));
  await (await protocolOf(page)).send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb' });
  await expect.poll(() => backend.evaluate((own) => own.get('key'))).toBeUndefined();
  expect(await backend.evaluate((own) => own.compareAndSet('key', undefined, 'new'))).toBe(true);
});

for (const name of ['indexedDBBackend', 'localStorageBackend'] as const) {
  test(`${name}: a full storage is a StorageQuotaError, keeps what was there, and recovers @chromium`, async ({
    openPage,
    origin,
    protocolOf,
  }) => {
    const page = await openPage();
    const protocol = await protocolOf(page);
    const backend = await page.evaluateHandle((factory) => shelflife[factory](), name);
    // Before the first write, since Chromium remembers for a while how much space there is. localStorage has a limit
    // of its own, 5 MB, and ignores the quota.
    await protocol.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1_000_000 });
    await backend.evaluate(async (own) => void (await own.compareAndSet('key', undefined, 'value')));
    const failure = await backend.evaluate(async (own) => {
      try {
        await own.compareAndSet(
          'key',
          'value',
          Array.from({ length: 400_000 }, () => Math.random()).join(''),
        );
        return undefined;
      } catch (error) {
        const { code, cause } = error as { code: string; cause: { name: string } };
        return { code, cause: cause.name };
      }
    });
    expect(failure).toEqual({ code: 'ERR_STORAGE_QUOTA', cause: 'QuotaExceededError' });
    expect(await backend.evaluate((own) => own.get('key'))).toBe('value');
    await protocol.send('Storage.overrideQuotaForOrigin', { origin });
    const write = () =>
      backend.evaluate(async (own) => {
        try {
          return await own.compareAndSet('key', 'value', 'next'.repeat(1000));
        } catch {
          return false;
        }
      });
    await expect.poll(write).toBe(true);
  });
}

test('a page leaves in the middle of its writes, and the next one finds a whole value', async ({
  openPage,
}) => {
  const page = await openPage();
  await page.evaluate(() => {
    const backend = shelflife.indexedDBBackend();
    const write = async (value: string | undefined, count: number): Promise<void> => {
      const next = String(count).repeat(10_000);
      await backend.compareAndSet('key', value, next);
      await write(next, (count + 1) % 10);
    };
    void write(undefined, 0);
  });
  await page.waitForFunction(async () => (await shelflife.indexedDBBackend().get('key')) !== undefined);
  await page.reload();
  await libraryOf(page);
  const value = await page.evaluate(() => shelflife.indexedDBBackend().get('key'));
  expect(value).toBe(value!.charAt(0).repeat(10_000));
});
