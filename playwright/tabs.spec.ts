import { expect, test } from './fixtures.js';

const pages = 6;
const increments = 40;

test(`${pages} tabs increment one record ${increments} times each, and nothing is lost`, async ({
  openPage,
}) => {
  const tabs = await Promise.all(Array.from({ length: pages }, () => openPage()));
  const increment = async (times: number): Promise<void> => {
    const backend = shelflife.indexedDBBackend();
    const writer = Math.random();
    for (let done = 0; done < times;) {
      const value = await backend.get('count');
      const next = `${Number.parseInt(value ?? '0', 10) + 1} by ${writer}`;
      if (await backend.compareAndSet('count', value, next)) done += 1;
    }
  };
  await Promise.all(tabs.map((tab) => tab.evaluate(increment, increments)));
  const value = await tabs[0]!.evaluate(() => shelflife.indexedDBBackend().get('count'));
  expect(Number.parseInt(value!, 10)).toBe(pages * increments);
});

for (const backend of ['indexedDBBackend', 'localStorageBackend'] as const) {
  test(`${backend}: a change in one tab is hinted at in another`, async ({ openPage }) => {
    const [writer, reader] = [await openPage(), await openPage()];
    const hint = await reader.evaluateHandle((name) => {
      const own = shelflife[name]();
      const heard: (string | undefined)[] = [];
      own.subscribe!((key) => heard.push(key));
      return { heard, value: () => own.get('key') };
    }, backend);
    await writer.evaluate(async (name) => {
      await shelflife[name]().compareAndSet('key', undefined, 'value');
    }, backend);
    await reader.waitForFunction(({ heard }) => heard.includes('key'), hint);
    await expect.poll(() => hint.evaluate(({ value }) => value())).toBe('value');
  });
}

test('sessionStorage is the own of each tab, and survives a reload', async ({ openPage }) => {
  const [one, other] = [await openPage(), await openPage()];
  await one.evaluate(() => void shelflife.sessionStorageBackend().compareAndSet('key', undefined, 'value'));
  await one.reload();
  await one.waitForFunction(() => 'shelflife' in globalThis);
  expect(await one.evaluate(() => shelflife.sessionStorageBackend().get('key'))).toBe('value');
  expect(await other.evaluate(() => shelflife.sessionStorageBackend().get('key'))).toBeUndefined();
});

test('a worker reads what the page wrote, and the page is told what the worker wrote', async ({
  openPage,
}) => {
  const page = await openPage();
  const outcome = await page.evaluate(async () => {
    const worker = new Worker('/worker.js', { type: 'module' });
    const answer = () =>
      new Promise<unknown>((resolve) =>
        worker.addEventListener('message', ({ data }) => resolve(data), { once: true }),
      );
    await answer();
    const backend = shelflife.indexedDBBackend();
    await backend.compareAndSet('key', undefined, 'from the page');
    const hint = new Promise((resolve) => backend.subscribe!(resolve));
    const readAndWrite = async () => {
      const own = shelflife.indexedDBBackend();
      const read = await own.get('key');
      await own.compareAndSet('key', read, 'from the worker');
      const lease = await own.lease!('key', { signal: new AbortController().signal });
      await lease.release();
      return read;
    };
    worker.postMessage({ source: String(readAndWrite) });
    return { read: await answer(), hint: await hint, value: await backend.get('key') };
  });
  expect(outcome).toEqual({ read: 'from the page', hint: 'key', value: 'from the worker' });
});
