import { describe, expect, test, vi } from 'vitest';
import {
  createCredentialStore,
  CredentialsExpiredError,
  memoryBackend,
  type CredentialsInput,
} from '../../src/index.js';
import { DAY, HOUR, MINUTE, setUp, slowBackend, START, stubHost, tokens, turns } from './support.js';

describe('expirySignal aborts', () => {
  test('at the deadline, with CredentialsExpiredError', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START));
    const signal = entry.expirySignal();
    const aborted = vi.fn<() => void>();
    signal.addEventListener('abort', aborted);
    await clock.advance(HOUR - 1);
    expect(signal.aborted).toBe(false);
    await clock.advance(1);
    expect(signal.aborted).toBe(true);
    expect(signal.reason).toBeInstanceOf(CredentialsExpiredError);
    expect(String(signal.reason)).not.toContain(`access-${START}`);
    await clock.advance(HOUR);
    expect(aborted).toHaveBeenCalledTimes(1);
  });

  test('at the deadline of the record stored then, even if a refresh replaces it', async () => {
    const { clock, entry } = setUp({
      refresh: () => Promise.resolve({ access_token: 'second', expires_in: 3600 }),
    });
    await entry.set(tokens(START));
    const signal = entry.expirySignal();
    await clock.advance(30 * MINUTE);
    await entry.refresh();
    const second = entry.expirySignal();
    await clock.advance(30 * MINUTE - 1);
    expect([signal.aborted, second.aborted]).toEqual([false, false]);
    await clock.advance(1);
    expect([signal.aborted, second.aborted]).toEqual([true, false]);
    await clock.advance(30 * MINUTE);
    expect(second.aborted).toBe(true);
  });

  test('not when update() changes another member', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START));
    const signal = entry.expirySignal();
    await entry.update((current) => ({ ...current, scope: 'more' }));
    await turns();
    expect(signal.aborted).toBe(false);
    await clock.advance(HOUR);
    expect(signal.aborted).toBe(true);
  });

  test('not when the same tokens are set again', async () => {
    const { entry } = setUp();
    await entry.set(tokens(START));
    const signal = entry.expirySignal();
    await entry.set(tokens(START));
    await entry.set(tokens(START, 3600, { scope: 'more' }));
    await turns();
    expect(signal.aborted).toBe(false);
  });

  test.each<
    [
      string,
      (entry: ReturnType<typeof setUp>['entry'], store: ReturnType<typeof setUp>['store']) => Promise<void>,
    ]
  >([
    ['delete()', (entry) => entry.delete()],
    ['clear()', (_, store) => store.clear()],
    ['update() to undefined', async (entry) => void (await entry.update(() => undefined))],
    ['a set() of other tokens', (entry) => entry.set(tokens(START + 1))],
    ['invalidate()', (entry) => entry.invalidate()],
    ['invalidate() of the stored token', (entry) => entry.invalidate(`access-${START}`)],
    ['close()', (_, store) => store.close()],
  ])('at once on %s', async (_, end) => {
    const { clock, entry, store } = setUp();
    await entry.set(tokens(START));
    const signal = entry.expirySignal();
    await end(entry, store);
    expect(signal.aborted).toBe(true);
    expect(signal.reason).toBeInstanceOf(CredentialsExpiredError);
    expect(clock.armed.size).toBe(0);
  });

  test('not on invalidate() of another token', async () => {
    const { entry } = setUp();
    await entry.set(tokens(START));
    const signal = entry.expirySignal();
    await entry.invalidate('another');
    expect(signal.aborted).toBe(false);
  });

  test.each(['delete', 'set'] as const)('at once on %s in another store on the same backend', async (end) => {
    const { clock, entry, storage } = setUp();
    await entry.set(tokens(START));
    const signal = entry.expirySignal();
    const other = createCredentialStore({ storage, clock }).entry();
    await (end === 'delete' ? other.delete() : other.set(tokens(START + 1)));
    await turns();
    expect(signal.aborted).toBe(true);
  });

  test.each(['delete', 'set'] as const)('on %s elsewhere that the backend hints at', async (end) => {
    const listeners = new Set<(key: string | undefined) => void>();
    const inner = memoryBackend();
    const backend = () => ({
      ...inner,
      subscribe(listener: (key: string | undefined) => void) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    });
    const { clock, entry } = setUp({ storage: backend() });
    await entry.set(tokens(START));
    const signal = entry.expirySignal();
    expect(listeners.size).toBe(1);
    const other = createCredentialStore({ storage: backend(), clock }).entry();
    await (end === 'delete' ? other.delete() : other.set(tokens(START + 1)));
    for (const listener of listeners) listener(undefined);
    await turns();
    expect(signal.aborted).toBe(true);
    expect(listeners.size).toBe(0);
  });

  test('after a sign-out and a sign-in with the same tokens elsewhere: the session ended', async () => {
    const { entry } = setUp();
    await entry.set(tokens(START));
    const signal = entry.expirySignal();
    await entry.delete();
    await entry.set(tokens(START));
    expect(signal.aborted).toBe(true);
  });

  test('after sleep, on wake', async () => {
    const host = stubHost();
    const { clock, entry } = setUp();
    await entry.set(tokens(START));
    const signal = entry.expirySignal();
    clock.jump(DAY);
    expect(signal.aborted).toBe(false);
    host.dispatch('resume');
    expect(signal.aborted).toBe(true);
  });
});

describe('expirySignal is already aborted', () => {
  test('when absent', async () => {
    const { clock, entry } = setUp();
    const signal = entry.expirySignal();
    expect(signal.aborted).toBe(true);
    expect(signal.reason).toBeInstanceOf(CredentialsExpiredError);
    expect(clock.armed.size).toBe(0);
    await entry.set(tokens(START));
    expect(entry.expirySignal().aborted).toBe(false);
  });

  test('when expired', async () => {
    const { clock, entry } = setUp();
    await entry.set(tokens(START - 2 * HOUR));
    expect(entry.expirySignal().aborted).toBe(true);
    expect(clock.armed.size).toBe(0);
  });

  test('when invalidated, and when the store is closed', async () => {
    const { entry, store } = setUp();
    await entry.set(tokens(START));
    await entry.invalidate();
    expect(entry.expirySignal().aborted).toBe(true);
    await entry.set(tokens(START + 1));
    await store.close();
    expect(entry.expirySignal().aborted).toBe(true);
  });
});

describe('expirySignal on a backend that answers later', () => {
  test('aborts as soon as storage says that nothing is stored', async () => {
    const { clock, entry } = setUp({ storage: slowBackend() });
    const signal = entry.expirySignal();
    await turns();
    expect(signal.aborted).toBe(true);
    expect(clock.armed.size).toBe(0);
  });

  test('waits for the deadline of what is stored', async () => {
    const storage = slowBackend();
    const { clock, entry } = setUp({ storage });
    await createCredentialStore({ storage, clock }).entry().set(tokens(START));
    const signal = entry.expirySignal();
    await turns();
    expect(signal.aborted).toBe(false);
    await clock.advance(HOUR);
    expect(signal.aborted).toBe(true);
  });

  test('is about what is stored now, not about what was read long ago', async () => {
    const inner = memoryBackend();
    const { clock, entry } = setUp({ storage: slowBackend(inner) });
    await entry.set(tokens(START, 60));
    const elsewhere = createCredentialStore({ storage: slowBackend(inner), clock }).entry();
    await elsewhere.set(tokens(START, 7200, { access_token: 'other' }));
    clock.jump(2 * MINUTE);
    const signal = entry.expirySignal();
    await turns();
    expect(signal.aborted).toBe(false);
    await clock.advance(2 * HOUR);
    expect(signal.aborted).toBe(true);
  });
});

describe('expirySignal', () => {
  test('never starts a refresh', async () => {
    const refresh = vi.fn<() => Promise<CredentialsInput>>(() => new Promise(() => {}));
    const { clock, entry } = setUp({ refresh });
    await entry.set(tokens(START));
    entry.expirySignal();
    await clock.advance(2 * HOUR);
    await entry.set({ access_token: 'access', refresh_token: 'refresh' });
    entry.expirySignal();
    await entry.invalidate();
    await clock.advance(HOUR);
    expect(refresh).not.toHaveBeenCalled();
  });

  test('without a deadline: aborts with the session only', async () => {
    const { clock, entry } = setUp();
    await entry.set({ access_token: 'access', expires_in: null });
    const signal = entry.expirySignal();
    clock.jump(400 * DAY);
    await clock.advance(2 * MINUTE);
    expect(signal.aborted).toBe(false);
    await entry.delete();
    expect(signal.aborted).toBe(true);
  });

  test('many at a time: each at its own deadline', async () => {
    const { clock, store } = setUp();
    const signals = [];
    for (let minute = 1; minute <= 20; minute += 1) {
      const entry = store.entry(`${minute}`);
      await entry.set(tokens(START, minute * 60));
      signals.push(entry.expirySignal());
    }
    expect(clock.armed.size).toBe(1);
    await clock.advance(10 * MINUTE);
    expect(signals.map(({ aborted }) => aborted)).toEqual(signals.map((_, index) => index < 10));
  });

  test('a listener of it may call the store, and one that throws stops no other', async () => {
    const { clock, entry, store } = setUp();
    await entry.set(tokens(START));
    const other = store.entry('other');
    await other.set(tokens(START));
    const statuses: string[] = [];
    entry.expirySignal().addEventListener('abort', () => {
      statuses.push(entry.expiry.value.status);
      void entry.delete();
    });
    const second = other.expirySignal();
    await clock.advance(HOUR);
    expect(statuses).toEqual(['expired']);
    expect(second.aborted).toBe(true);
    expect(await entry.get()).toBeUndefined();
  });
});
