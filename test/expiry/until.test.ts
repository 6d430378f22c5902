import { describe, expect, test, vi } from 'vitest';
import {
  ClosedError,
  createCredentialStore,
  type CredentialsInput,
  type ExpiryStatus,
} from '../../src/index.js';
import {
  HOUR,
  isSettled,
  MINUTE,
  rejectionOf,
  setUp,
  slowBackend,
  START,
  statusesOf,
  tokens,
  turns,
} from './support.js';

describe('until', () => {
  test('resolves with the expiry at the moment the status is reached', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START));
    let reachedAt = 0;
    const reached = entry.until('expiring').then((expiry) => {
      reachedAt = clock.now();
      return expiry;
    });
    await clock.advance(2 * HOUR);
    expect(reachedAt).toBe(START + HOUR - MINUTE);
    expect(await reached).toMatchObject({ status: 'expiring', expiresAt: new Date(START + HOUR) });
  });

  test('resolves at once where it is already reached', async () => {
    const { entry } = setUp();
    await entry.set(tokens(START));
    expect((await entry.until('fresh')).status).toBe('fresh');
    await entry.delete();
    expect((await entry.until('absent')).status).toBe('absent');
  });

  test('judges by the clock, not by the last timer', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START));
    statusesOf(entry);
    clock.jump(2 * HOUR);
    expect((await entry.until('expired')).status).toBe('expired');
  });

  test('takes several statuses: the first that comes', async () => {
    const { clock, entry } = setUp();
    const reached = entry.until(['expired', 'queued']);
    await entry.set(tokens(START));
    expect(await isSettled(reached)).toBe(false);
    await entry.invalidate();
    expect((await reached).status).toBe('queued');
    const gone = entry.until(['absent', 'fresh'] as const);
    await entry.delete();
    await clock.advance(0);
    expect((await gone).status).toBe('absent');
  });

  test('reads storage: waits for the first answer of a slow backend', async () => {
    const storage = slowBackend();
    const { entry } = setUp({ storage });
    expect((await entry.until(['absent', 'fresh'])).status).toBe('absent');
    expect(storage.reads).toBe(1);
  });

  test('loading, where storage has not answered', async () => {
    const { entry } = setUp({ storage: slowBackend() });
    expect((await entry.until('loading')).status).toBe('loading');
  });

  test('a status that lasts only until a listener acts is still reached', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START));
    let isRenewed = false;
    entry.expiry.subscribe(({ status }) => {
      if (status !== 'expiring' || isRenewed) return;
      isRenewed = true;
      void entry.set(tokens(clock.now()));
    });
    const reached = entry.until('expiring');
    await clock.advance(HOUR - MINUTE);
    expect((await reached).status).toBe('expiring');
  });

  test('refreshes while it waits, as any observer has it', async () => {
    const refresh = vi.fn<() => Promise<CredentialsInput>>(() =>
      Promise.resolve({ access_token: 'second', expires_in: 3600 }),
    );
    const { entry } = setUp({ refresh });
    await entry.set({ access_token: 'first' });
    expect((await entry.until('fresh')).status).toBe('fresh');
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  test('two that wait for the same are both told', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START));
    const both = Promise.all([entry.until('expired'), entry.until(['expired', 'absent'])]);
    await clock.advance(HOUR);
    expect((await both).map(({ status }) => status)).toEqual(['expired', 'expired']);
  });
});

describe('until is left', () => {
  test('by its signal, with the reason', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START));
    const aborting = new AbortController();
    const reached = entry.until('expired', { signal: aborting.signal });
    const reason = new Error('left');
    aborting.abort(reason);
    await expect(reached).rejects.toBe(reason);
    expect(clock.armed.size).toBe(0);
  });

  test('by a signal that was aborted before: nothing is read', async () => {
    const storage = slowBackend();
    const { clock, entry } = setUp({ storage });
    await expect(entry.until('absent', { signal: AbortSignal.abort(new Error('left')) })).rejects.toThrow(
      'left',
    );
    expect(storage.reads).toBe(0);
    expect(clock.armed.size).toBe(0);
  });

  test('by one caller only: the other still waits', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START));
    const aborting = new AbortController();
    const left = entry.until('expired', { signal: aborting.signal });
    const staying = entry.until('expired');
    aborting.abort();
    await expect(left).rejects.toThrow();
    await clock.advance(HOUR);
    expect((await staying).status).toBe('expired');
  });

  test('its listener on a long-lived signal is removed when it is done', async () => {
    const { entry } = setUp();
    await entry.set(tokens(START));
    const { signal } = new AbortController();
    const add = vi.spyOn(signal, 'addEventListener');
    const remove = vi.spyOn(signal, 'removeEventListener');
    await entry.until('fresh', { signal });
    await turns();
    expect(remove.mock.calls.length).toBe(add.mock.calls.length);
  });

  test('by close(), with ClosedError', async () => {
    const { entry, store } = setUp();
    await entry.set(tokens(START));
    const reached = rejectionOf(entry.until('expired'));
    await store.close();
    expect(await reached).toBeInstanceOf(ClosedError);
    expect(await rejectionOf(entry.until('fresh'))).toBeInstanceOf(ClosedError);
  });

  test('by close() while storage has not answered', async () => {
    const inner = slowBackend();
    const { entry, store } = setUp({ storage: { ...inner, get: () => new Promise<undefined>(() => {}) } });
    const reached = rejectionOf(entry.until('absent'));
    await store.close();
    expect(await reached).toBeInstanceOf(ClosedError);
  });
});

describe('until and misuse', () => {
  test.each<[string, unknown]>([
    ['a status that does not exist', 'expried'],
    ['no status', undefined],
    ['a number', 7],
  ])('%s never resolves, and never throws synchronously', async (_, status) => {
    const { entry, clock, storage } = setUp();
    await createCredentialStore({ storage, clock }).entry().set(tokens(START));
    const aborting = new AbortController();
    const reached = entry.until(status as ExpiryStatus, { signal: aborting.signal });
    const outcome = reached.then(
      () => 'resolved',
      () => 'rejected',
    );
    await clock.advance(2 * HOUR);
    aborting.abort();
    expect(await outcome).toBe('rejected');
  });
});
