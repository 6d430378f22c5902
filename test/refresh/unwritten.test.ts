import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  createCredentialStore,
  type CredentialEntry,
  type CredentialStore,
  type ShelflifeError,
} from '../../src/index.js';
import { deferred, expiredTokens, leasedBackend, tokens } from '../store/support.js';

const SECOND = 1000;
const logged: unknown[] = [];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  logged.length = 0;
  vi.spyOn(console, 'error').mockImplementation((error) => void logged.push(error));
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

interface Setup {
  readonly store: CredentialStore;
  readonly entry: CredentialEntry;
  readonly free: () => void;
}

/** An expired entry, in a storage that is full once it has been refreshed. */
async function open(onError?: (error: ShelflifeError) => void): Promise<Setup> {
  const inner = leasedBackend();
  let isFull = false;
  const store = createCredentialStore({
    storage: {
      ...inner,
      compareAndSet(key, expected, next) {
        if (isFull) throw new DOMException('full', 'QuotaExceededError');
        return inner.compareAndSet(key, expected, next);
      },
    },
    refresh: async () => {
      isFull = true;
      return tokens('two', Date.now());
    },
    onError,
  });
  const entry = store.entry();
  await entry.set(expiredTokens('one', Date.now()));
  return { store, entry, free: () => (isFull = false) };
}

describe('refreshed credentials that can not be written', () => {
  test('are told to the console when the time of the storage has passed, once', async () => {
    const { entry } = await open();
    await expect(entry.refresh()).rejects.toMatchObject({ name: 'StorageQuotaError' });
    await vi.advanceTimersByTimeAsync(9.9 * SECOND);
    expect(logged).toEqual([]);
    await vi.advanceTimersByTimeAsync(60 * SECOND);
    expect(logged).toEqual([
      expect.objectContaining({
        name: 'StorageUnavailableError',
        key: 'default',
        backend: 'leased',
        cause: expect.objectContaining({ name: 'StorageQuotaError' }) as object,
      }),
    ]);
    // They are served all the same.
    expect(await entry.getAccessToken()).toBe('access-two-0123456789');
  });

  test('are told to `onError` where there is one', async () => {
    const errors: ShelflifeError[] = [];
    const { entry } = await open((error) => errors.push(error));
    await entry.refresh().catch(() => {});
    await vi.advanceTimersByTimeAsync(10 * SECOND);
    const told = errors.filter(({ message }) => message.includes('could not be written'));
    expect(told).toHaveLength(1);
    expect(logged).toEqual([]);
  });

  test('are not told of where they are written in time', async () => {
    const { entry, free } = await open();
    await entry.refresh().catch(() => {});
    free();
    await vi.advanceTimersByTimeAsync(60 * SECOND);
    expect(logged).toEqual([]);
  });

  test('are told of when the last store is closed', async () => {
    const { entry, store } = await open();
    await entry.refresh().catch(() => {});
    await store.close();
    expect(logged).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(60 * SECOND);
    expect(logged).toHaveLength(1);
  });

  test('are no longer waited for where others are stored, or the user signs out', async () => {
    for (const end of [
      (entry: CredentialEntry) => entry.set(tokens('three', Date.now())),
      (entry: CredentialEntry) => entry.delete(),
    ]) {
      const { entry, free } = await open();
      await entry.refresh().catch(() => {});
      free();
      await end(entry);
      await vi.advanceTimersByTimeAsync(60 * SECOND);
      expect(logged).toEqual([]);
    }
  });
});

test('a lost lease is told after the lease is back, whatever the listener does then', async () => {
  const lost = new AbortController();
  const gate = deferred();
  const order: string[] = [];
  const inner = leasedBackend();
  const store = createCredentialStore({
    storage: {
      ...inner,
      lease: async () => ({ signal: lost.signal, release: async () => void order.push('released') }),
    },
    refresh: async () => {
      await gate.promise;
      return tokens('two', Date.now());
    },
    onError: ({ name }) => order.push(name),
  });
  await store.entry().set(expiredTokens('one', Date.now()));
  const refreshed = store.entry().refresh();
  await vi.advanceTimersByTimeAsync(SECOND);
  lost.abort();
  await vi.advanceTimersByTimeAsync(SECOND);
  gate.resolve();
  await refreshed;
  expect(order).toEqual(['released', 'LeaseLostError']);
});
