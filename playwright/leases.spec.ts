import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.js';

const backends = ['indexedDBBackend', 'localStorageBackend'] as const;

async function takeLease(page: Page, backend: (typeof backends)[number]): Promise<void> {
  await page.evaluate(async (name) => {
    await shelflife[name]().lease!('key', { signal: new AbortController().signal });
  }, backend);
}

for (const backend of backends) {
  test.describe(backend, () => {
    test('a lease passes on when its tab is closed', async ({ openPage }) => {
      const [holder, waiter] = [await openPage(), await openPage()];
      await takeLease(holder, backend);
      let granted = false;
      const waiting = takeLease(waiter, backend).then(() => (granted = true));
      await othersAreWaiting(waiter);
      expect(granted).toBe(false);
      await holder.close();
      await waiting;
    });

    test('a lease passes on when its tab crashes @chromium', async ({ openPage, protocolOf }) => {
      const [holder, waiter] = [await openPage(), await openPage()];
      await takeLease(holder, backend);
      const waiting = takeLease(waiter, backend);
      await othersAreWaiting(waiter);
      const crash = holder.waitForEvent('crash');
      // Never answered: there is nobody left to do so.
      void (await protocolOf(holder)).send('Page.crash').catch(() => {});
      await crash;
      await waiting;
    });

    test('a waiter that gives up gets a TimeoutError, and the lock has no trace of it', async ({
      openPage,
    }) => {
      const [holder, waiter] = [await openPage(), await openPage()];
      await takeLease(holder, backend);
      const error = await waiter.evaluate(async (name) => {
        try {
          await shelflife[name]().lease!('key', { signal: AbortSignal.timeout(100) });
          return undefined;
        } catch (error_) {
          return {
            code: (error_ as { code: string }).code,
            retryable: (error_ as { retryable: boolean }).retryable,
          };
        }
      }, backend);
      expect(error).toEqual({ code: 'ERR_TIMEOUT', retryable: true });
      const { held, pending } = await waiter.evaluate(() => navigator.locks.query());
      expect([held?.length, pending?.length]).toEqual([1, 0]);
    });

    test('a lease that somebody steals says so, and can be released all the same', async ({ openPage }) => {
      const page = await openPage();
      const lost = await page.evaluate(async (name) => {
        const lease = await shelflife[name]().lease!('key', { signal: new AbortController().signal });
        const aborted = new Promise((resolve) => lease.signal.addEventListener('abort', () => resolve(true)));
        const [lock] = (await navigator.locks.query()).held!;
        await navigator.locks.request(lock!.name!, { steal: true }, () => {});
        await lease.release();
        return aborted;
      }, backend);
      expect(lost).toBe(true);
    });
  });
}

test('a sandboxed frame is degraded after its first lock was refused, and nothing throws', async ({
  openPage,
  origin,
}) => {
  const page = await openPage();
  const outcome = page.evaluate(
    () =>
      new Promise<unknown>((resolve) => globalThis.addEventListener('message', ({ data }) => resolve(data))),
  );
  await page.evaluate((base) => {
    const frame = document.createElement('iframe');
    frame.sandbox.add('allow-scripts');
    frame.srcdoc = `<script type="module">
      try {
        const { indexedDBBackend } = await import('${base}/dist/indexeddb.js');
        const backend = indexedDBBackend();
        const before = backend.degraded;
        const lease = await backend.lease('key', { signal: new AbortController().signal });
        await lease.release();
        const read = await backend.get('key').catch((error) => error.code);
        parent.postMessage({ before, after: backend.degraded, aborted: lease.signal.aborted, read }, '*');
      } catch (error) {
        parent.postMessage(String(error), '*');
      }
    </script>`;
    document.body.append(frame);
  }, origin);
  expect(await outcome).toEqual({
    before: false,
    after: true,
    aborted: false,
    read: 'ERR_STORAGE_UNAVAILABLE',
  });
});

async function othersAreWaiting(page: Page): Promise<void> {
  await page.waitForFunction(async () => (await navigator.locks.query()).pending?.length === 1);
}
