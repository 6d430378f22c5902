import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  RefreshFailedError,
  RefreshRejectedError,
  type CredentialStoreOptions,
  type StorageBackend,
} from '../../src/index.js';
import { fakeClock } from '../../src/testing/index.js';
import { expiredTokens, leasedBackend, rejectionOf, sameStorage, tokens, turns } from '../store/support.js';
import { bench, invalidGrant, type Bench } from './support.js';

afterEach(() => void vi.unstubAllGlobals());

const MINUTE = 60_000;

/** Two contexts on one storage, and a server that asks to be left alone for two minutes until it is well again. */
interface Busy {
  readonly here: Bench;
  readonly there: Bench;
  readonly storage: ReturnType<typeof leasedBackend>;
  readonly recover: () => void;
}

function busyServer(
  changes: Partial<StorageBackend> = {},
  options: Partial<CredentialStoreOptions> = {},
): Busy {
  const clock = fakeClock();
  const storage = leasedBackend();
  let isBusy = true;
  let count = 0;
  const answer = async () => {
    if (isBusy) throw new RefreshFailedError('503 Service Unavailable', { retryAfter: 120 });
    count += 1;
    return tokens(`new-${count}`, clock.now());
  };
  const open = () => bench(answer, { ...options, clock, storage: sameStorage(storage, changes) });
  return { here: open(), there: open(), storage, recover: () => (isBusy = false) };
}

/** The one request after which the server is to be left alone. */
async function askOnce({ here }: Busy): Promise<void> {
  await here.entry.set(expiredTokens('one', here.clock.now()));
  await rejectionOf(here.entry.getAccessToken());
  expect(here.asked).toHaveLength(1);
}

describe('while a Retry-After runs', () => {
  test('100 calls in 100 seconds make one request, in whatever context, and are told what is left', async () => {
    const busy = busyServer();
    const { here, there } = busy;
    await askOnce(busy);
    for (let second = 1; second <= 100; second += 1) {
      await here.clock.advance(1000);
      for (const { entry } of [here, there]) {
        const error = await rejectionOf(entry.getAccessToken());
        expect(error).toBeInstanceOf(RefreshFailedError);
        expect(error).toMatchObject({
          message: '503 Service Unavailable',
          retryAfter: 120 - second,
          retryable: true,
          key: 'default',
        });
      }
    }
    expect([here.asked.length, there.asked.length]).toEqual([1, 0]);
  });

  test('and is over, both ask again', async () => {
    const busy = busyServer();
    const { here, there, recover } = busy;
    await askOnce(busy);
    recover();
    await here.clock.advance(2 * MINUTE);
    expect(await there.entry.getAccessToken()).toBe('access-new-1-0123456789');
    expect(await here.entry.getAccessToken()).toBe('access-new-1-0123456789');
    expect([here.asked.length, there.asked.length]).toEqual([1, 1]);
  });

  test('a token that is still valid is given out', async () => {
    const { here, there } = busyServer();
    await here.entry.set(tokens('one', here.clock.now()));
    await here.clock.advance(59.5 * MINUTE);
    for (let time = 0; time < 10; time += 1) {
      expect(await here.entry.getAccessToken()).toBe('access-one-0123456789');
      expect(await there.entry.getAccessToken()).toBe('access-one-0123456789');
    }
    expect([here.asked.length, there.asked.length]).toEqual([1, 0]);
    await here.clock.advance(MINUTE);
    expect(await rejectionOf(here.entry.getAccessToken())).toMatchObject({ retryAfter: 60 });
    expect(await rejectionOf(there.entry.getAccessToken())).toMatchObject({ retryAfter: 60 });
  });

  test('an entry observed in another context waits as well, and then asks by itself', async () => {
    const busy = busyServer();
    const { here, there, recover } = busy;
    await askOnce(busy);
    there.entry.expiry.subscribe(() => {});
    await here.clock.advance(110_000);
    expect(there.asked).toHaveLength(0);
    expect(there.entry.expiry.value).toMatchObject({
      status: 'expired',
      error: { name: 'RefreshFailedError' },
    });
    recover();
    await here.clock.advance(2 * MINUTE);
    expect(there.asked).toHaveLength(1);
    expect(there.entry.expiry.value).toMatchObject({ status: 'fresh', error: undefined });
  });

  test('refresh() asks, and its success is the end of it in every context', async () => {
    const busy = busyServer();
    const { here, there, recover } = busy;
    await askOnce(busy);
    expect(await rejectionOf(there.entry.refresh())).toMatchObject({ retryAfter: 120 });
    expect(there.asked).toHaveLength(1);
    recover();
    await there.entry.refresh();
    await here.entry.invalidate();
    expect(await here.entry.getAccessToken()).toBe('access-new-2-0123456789');
    expect([here.asked.length, there.asked.length]).toEqual([2, 2]);
  });

  test('refresh() asks also where it joined a call that was held back', async () => {
    const busy = busyServer();
    const { there, recover } = busy;
    await askOnce(busy);
    recover();
    const held = rejectionOf(there.entry.getAccessToken());
    await turns(0);
    expect((await there.entry.refresh()).access_token).toBe('access-new-1-0123456789');
    await held.catch(() => {});
  });

  for (const [title, change] of [
    ['invalidate()', ({ entry }: Bench) => entry.invalidate()],
    ['another member', ({ entry }: Bench) => entry.update((current) => ({ ...current, scope: 'mail' }))],
  ] as const) {
    test(`${title} does not lift it`, async () => {
      const busy = busyServer();
      const { here, there } = busy;
      await askOnce(busy);
      await change(there);
      for (const { entry } of [here, there])
        expect((await rejectionOf(entry.getAccessToken())).name).toBe('RefreshFailedError');
      expect([here.asked.length, there.asked.length]).toEqual([1, 0]);
    });
  }

  test('another sign-in lifts it', async () => {
    const busy = busyServer();
    const { here, there, recover } = busy;
    await askOnce(busy);
    recover();
    await here.entry.set(expiredTokens('other', here.clock.now()));
    expect(await there.entry.getAccessToken()).toBe('access-new-1-0123456789');
    await there.entry.invalidate();
    expect(await here.entry.getAccessToken()).toBe('access-new-2-0123456789');
  });

  test('a clock that is set back does not lengthen it', async () => {
    const busy = busyServer();
    const { here, there, recover } = busy;
    await askOnce(busy);
    recover();
    here.clock.jump(-60 * MINUTE);
    await here.entry.set(expiredTokens('one', here.clock.now() + 60 * MINUTE));
    await here.entry.invalidate();
    expect(await there.entry.getAccessToken()).toBe('access-new-1-0123456789');
  });

  test('it binds this context also where it can not be stored', async () => {
    let isFull = false;
    const busy = busyServer({
      compareAndSet(key, expected, next) {
        if (isFull) throw new DOMException('full', 'QuotaExceededError');
        return busy.storage.compareAndSet(key, expected, next);
      },
    });
    const { here } = busy;
    await here.entry.set(expiredTokens('one', here.clock.now()));
    isFull = true;
    await rejectionOf(here.entry.getAccessToken());
    for (let time = 0; time < 10; time += 1) {
      await here.clock.advance(1000);
      expect((await rejectionOf(here.entry.getAccessToken())).name).toBe('RefreshFailedError');
    }
    expect(here.asked).toHaveLength(1);
  });

  test('it is told at once, though another context holds the lease', async () => {
    const busy = busyServer();
    await askOnce(busy);
    const key = [...busy.storage.values.keys()].find((each) => !each.includes('#'))!;
    await busy.storage.lease!(key, { signal: new AbortController().signal });
    expect((await rejectionOf(busy.here.entry.getAccessToken(), 1000)).name).toBe('RefreshFailedError');
  });

  test('an event `online` is for the context that was told to wait, not for the others', async () => {
    const listeners = new Set<(event: { type: string }) => void>();
    vi.stubGlobal('addEventListener', (_: string, listener: (event: { type: string }) => void) =>
      listeners.add(listener),
    );
    vi.stubGlobal('removeEventListener', () => {});
    const busy = busyServer();
    const { there } = busy;
    await askOnce(busy);
    there.entry.expiry.subscribe(() => {});
    await turns();
    for (const listener of listeners) listener({ type: 'online' });
    await turns();
    expect(there.asked).toHaveLength(0);
  });

  test('none of it is left by delete() and clear(), and no token is in it', async () => {
    for (const remove of [({ entry }: Bench) => entry.delete(), ({ store }: Bench) => store.clear()]) {
      const busy = busyServer();
      await askOnce(busy);
      const remembered = [...busy.storage.values].filter(([key]) => key.includes('#'));
      expect(remembered).toHaveLength(1);
      expect(remembered.join()).not.toMatch(/access-|refresh-/);
      await remove(busy.here);
      expect([...busy.storage.values.keys()]).toEqual([]);
    }
  });
});

describe('beside a rejection', () => {
  test('both are remembered', async () => {
    const clock = fakeClock();
    const storage = leasedBackend();
    const answers = [invalidGrant(), new RefreshFailedError('503', { retryAfter: 120 })];
    const open = () =>
      bench(
        async () => {
          throw answers.shift();
        },
        { clock, storage: sameStorage(storage) },
      );
    const [here, there] = [open(), open()];
    await here.entry.set(expiredTokens('one', clock.now()));
    expect(await rejectionOf(here.entry.getAccessToken())).toBeInstanceOf(RefreshRejectedError);
    expect(await rejectionOf(here.entry.refresh())).toBeInstanceOf(RefreshFailedError);
    // The rejection is about this very record; the wait, about whatever becomes of it.
    expect(await rejectionOf(there.entry.getAccessToken())).toBeInstanceOf(RefreshRejectedError);
    await there.entry.invalidate();
    expect(await rejectionOf(there.entry.getAccessToken())).toBeInstanceOf(RefreshFailedError);
    expect([here.asked.length, there.asked.length]).toEqual([2, 0]);
  });

  test('a rejection is an answer: the wait is over', async () => {
    const clock = fakeClock();
    const answers = [new RefreshFailedError('503', { retryAfter: 120 }), invalidGrant(), undefined];
    const { entry, asked } = bench(
      async () => {
        const failure = answers.shift();
        if (failure) throw failure;
        return tokens('two', clock.now());
      },
      { clock },
    );
    await entry.set(expiredTokens('one', clock.now()));
    await rejectionOf(entry.getAccessToken());
    await rejectionOf(entry.refresh());
    await entry.invalidate();
    expect(await entry.getAccessToken()).toBe('access-two-0123456789');
    expect(asked).toHaveLength(3);
  });

  test('a wait is no rejection to a release that knows of rejections alone', async () => {
    const busy = busyServer();
    await askOnce(busy);
    const [, text] = [...busy.storage.values].find(([key]) => key.includes('#'))!;
    expect(JSON.parse(text)).not.toHaveProperty('revision');
  });

  test('what is damaged under the reserved key hinders nothing', async () => {
    for (const text of ['', '{', 'null', '[]', '{"pause":7}', '{"pause":{"until":"x","wait":{}}}']) {
      const busy = busyServer();
      await askOnce(busy);
      busy.recover();
      const [key] = [...busy.storage.values].find(([each]) => each.includes('#'))!;
      busy.storage.values.set(key, text);
      expect(await busy.there.entry.getAccessToken(), text).toBe('access-new-1-0123456789');
    }
  });
});
