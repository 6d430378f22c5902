import { IDBFactory, IDBKeyRange, IDBObjectStore } from 'fake-indexeddb';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createCredentialStore } from '../../../src/index.js';
import { localStorageBackend } from '../../../src/storage/local-storage.js';
import type { StorageBackend } from '../../../src/storage/StorageBackend.js';
import { testBackend } from '../../../src/testing/index.js';
import { stubLocks } from './fakeLocks.js';
import { FakeStorageArea } from './fakeStorageArea.js';

const opened: StorageBackend[] = [];
const patient = () => ({ signal: new AbortController().signal });

/** A browser with Web Locks and IndexedDB, in which nothing is stored. */
function openBrowser(): void {
  stubLocks();
  vi.stubGlobal('indexedDB', new IDBFactory());
  vi.stubGlobal('IDBKeyRange', IDBKeyRange);
}

/** Goes to a tab of that browser whose localStorage shows what the area says. */
function goToTab(area = new FakeStorageArea()): StorageBackend {
  vi.stubGlobal('localStorage', area);
  vi.stubGlobal(Symbol.for('shelflife.page.1'), undefined);
  const backend = localStorageBackend();
  opened.push(backend);
  return backend;
}

afterEach(async () => {
  for (const backend of opened.splice(0)) await backend.close!();
  vi.restoreAllMocks();
});

testBackend({
  name: 'localStorage with Web Locks and IndexedDB',
  create: () => {
    openBrowser();
    return goToTab();
  },
  test,
});

describe('localStorage across tabs', () => {
  test('is of scope "origin" where Web Locks and IndexedDB are there, and only for localStorage itself', () => {
    const backend = goToTab();
    expect(backend.scope).toBe('context');
    stubLocks();
    expect(backend.scope).toBe('context');
    openBrowser();
    expect(backend.scope).toBe('origin');
    expect(localStorageBackend({ area: new FakeStorageArea() }).scope).toBe('context');
    expect(localStorageBackend({ area: globalThis.localStorage }).scope).toBe('origin');
  });

  test('a write waits until its tab shows what another tab wrote, and is refused then', async () => {
    openBrowser();
    await goToTab().compareAndSet('key', undefined, 'theirs');
    const late = new FakeStorageArea();
    const write = goToTab(late).compareAndSet('key', undefined, 'ours');
    setTimeout(() => late.values.set('key', 'theirs'), 60);
    expect(await write).toBe(false);
    expect(late.values.get('key')).toBe('theirs');
  });

  test('a write waits for what another tab wrote under another key, too', async () => {
    openBrowser();
    await goToTab().compareAndSet('other', undefined, 'theirs');
    const late = new FakeStorageArea();
    let isShown = false;
    const write = goToTab(late).compareAndSet('key', undefined, 'ours');
    setTimeout(() => {
      isShown = true;
      late.values.set('other', 'theirs');
    }, 60);
    expect([await write, isShown]).toEqual([true, true]);
  });

  test('a lease is given when its tab shows what another tab wrote, so what is read in it is the latest', async () => {
    openBrowser();
    await goToTab().compareAndSet('key', undefined, 'theirs');
    const late = new FakeStorageArea();
    const backend = goToTab(late);
    setTimeout(() => late.values.set('key', 'theirs'), 60);
    const lease = await backend.lease!('key', patient());
    expect(backend.get('key')).toBe('theirs');
    await lease.release();
  });

  test('what a tab deleted a moment ago can be written by another, which waits until it must be shown', async () => {
    openBrowser();
    const area = new FakeStorageArea();
    const first = goToTab(area);
    await first.compareAndSet('key', undefined, 'value');
    await first.compareAndSet('key', 'value', undefined);
    const deletedAt = Date.now();
    // Nothing tells this tab from one that has not even been shown the first of both writes.
    expect(await goToTab().compareAndSet('key', undefined, 'ours')).toBe(true);
    expect(Date.now() - deletedAt).toBeGreaterThan(100);
  });

  test('a write that is never shown is waited for until it must be lost, and by one tab only', async () => {
    openBrowser();
    await goToTab().compareAndSet('key', undefined, 'lost');
    const area = new FakeStorageArea();
    const started = Date.now();
    expect(await goToTab(area).compareAndSet('key', 'not this', 'refused')).toBe(false);
    expect(await goToTab(area).compareAndSet('key', undefined, 'ours')).toBe(true);
    expect(Date.now() - started).toBeGreaterThan(1000);
    const shown = Date.now();
    expect(await goToTab(area).compareAndSet('key', 'ours', 'next')).toBe(true);
    expect(Date.now() - shown).toBeLessThan(1000);
  });

  test('what its own page removes by other means is absent at once', async () => {
    openBrowser();
    const area = new FakeStorageArea();
    const backend = goToTab(area);
    await backend.compareAndSet('key', undefined, 'value');
    area.values.clear();
    const started = Date.now();
    expect(await backend.compareAndSet('key', undefined, 'next')).toBe(true);
    expect(Date.now() - started).toBeLessThan(1000);
  });

  test('keeps no token in IndexedDB, and one note however many keys there are', async () => {
    openBrowser();
    const put = vi.spyOn(IDBObjectStore.prototype, 'put');
    const store = createCredentialStore({ storage: goToTab() });
    for (const key of ['one', 'two', 'three'])
      await store
        .entry(key)
        .set({ access_token: 'the secret access token', refresh_token: 'the secret refresh' });
    expect(put).toHaveBeenCalledTimes(3);
    expect(JSON.stringify(put.mock.calls)).not.toContain('secret');
    expect(new Set(put.mock.calls.map(([, key]) => key)).size).toBe(1);
  });

  test('a full localStorage is a StorageQuotaError, keeps what was there, and recovers', async () => {
    openBrowser();
    const area = new FakeStorageArea();
    const backend = goToTab(area);
    await backend.compareAndSet('key', undefined, 'old');
    area.quota = 0;
    await expect(backend.compareAndSet('key', 'old', 'new')).rejects.toMatchObject({
      name: 'StorageQuotaError',
      backend: 'local-storage',
    });
    expect(backend.get('key')).toBe('old');
    area.quota = Infinity;
    expect(await backend.compareAndSet('key', 'old', 'new')).toBe(true);
  });

  test('where IndexedDB does not open, it goes on without, of scope "context", also for leases', async () => {
    openBrowser();
    vi.spyOn(indexedDB, 'open').mockImplementation(() => {
      throw new DOMException('Not in this profile.', 'SecurityError');
    });
    const backend = goToTab();
    const lease = await backend.lease!('key', patient());
    expect(backend.scope).toBe('context');
    expect(await backend.compareAndSet('key', undefined, 'value')).toBe(true);
    expect(backend.get('key')).toBe('value');
    await lease.release();
  });

  test('where IndexedDB has worked and fails later, a write fails, since other tabs rely on the fence', async () => {
    openBrowser();
    const backend = goToTab();
    await backend.compareAndSet('key', undefined, 'value');
    await backend.close!();
    vi.spyOn(indexedDB, 'open').mockImplementation(() => {
      throw new DOMException('Not now.', 'UnknownError');
    });
    await expect(backend.compareAndSet('key', 'value', 'next')).rejects.toMatchObject({
      name: 'StorageUnavailableError',
      backend: 'local-storage',
    });
    expect(backend.scope).toBe('origin');
    expect(backend.get('key')).toBe('value');
  });
});
