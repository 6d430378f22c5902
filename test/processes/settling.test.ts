import { describe, expect, test } from 'vitest';
import { type CredentialEntry, type CredentialStore, createCredentialStore } from '../../src/index.js';
import { longTimeout, makeSignedInWorkplace, makeWorkplace, sleep, unhandledIn } from './support.js';

const bounds = { timeout: 1200, refreshTimeout: 1000 };
/** Of the longest call: a lease waited for in vain, with what a loaded machine adds. */
const bound = bounds.timeout + bounds.refreshTimeout + 3000;
const tokens = { access_token: 'first', refresh_token: 'r', issued_at: new Date(), expires_in: 3600 };

describe('every call settles within its bound', () => {
  test('while another process holds the lease and never returns', { timeout: longTimeout }, async () => {
    const { server, signIn, start } = await makeSignedInWorkplace({ accessTokenLifetime: 3600 }, bounds);
    const [holder, other] = await Promise.all([start({ refreshTimeout: 3_600_000 }), start()]);
    await signIn();
    await holder.call('configure', { holdBefore: true });
    void holder.failureOf('refresh');
    await holder.told('refreshing');

    const startedAt = performance.now();
    expect(await other.failureOf('refresh')).toMatchObject({ name: 'TimeoutError', retryable: true });
    expect(performance.now() - startedAt).toBeLessThan(bound);
    const others = ['get', 'getAccessToken', 'keys', 'health', 'invalidate', 'observe'];
    for (const command of others) expect(await other.failureOf(command)).toBeUndefined();
    expect(await other.failureOf('getAccessToken')).toMatchObject({ name: 'TimeoutError' });
    for (const command of ['delete', 'close']) expect(await other.failureOf(command)).toBeUndefined();
    expect(await holder.failureOf('close')).toBeUndefined();
    expect(performance.now() - startedAt).toBeLessThan(3 * bound + 10_000);
    expect(server.counters.presentations.size).toBe(0);
    expect(unhandledIn([holder, other])).toEqual([]);
  });

  test('in the holder itself, where the callback never returns', { timeout: longTimeout }, async () => {
    const { signIn, start } = await makeSignedInWorkplace({ accessTokenLifetime: 3600 }, bounds);
    const [holder, other] = await Promise.all([start(), start()]);
    await signIn();
    await holder.call('configure', { holdBefore: true });
    const startedAt = performance.now();
    const failure = await holder.failureOf('refresh');
    expect(failure).toMatchObject({ name: 'TimeoutError', retryable: true });
    expect(performance.now() - startedAt).toBeLessThan(bound);
    // Its lease is back.
    expect(await other.failureOf('refresh')).toBeUndefined();
  });

  test('with close() in the middle of everything', { timeout: longTimeout }, async () => {
    const { openBackend, start } = await makeWorkplace(bounds);
    const writer = await start();
    await writer.call('set', 'default', tokens);
    const writing = writer.failureOf('write');
    await writer.told('written');
    for (const pause of [0, 1, 5, 20, 100]) {
      const backend = openBackend();
      const store = createCredentialStore({ storage: backend, ...bounds, refresh: neverAnswers });
      const calls = everyCall(store, store.entry());
      if (pause) await sleep(pause);
      const startedAt = performance.now();
      calls.push(store.close());
      await Promise.allSettled(calls);
      expect(performance.now() - startedAt).toBeLessThan(bound);
      await expect(store.entry().get()).rejects.toMatchObject({ name: 'ClosedError' });
    }
    await writer.call('stopWriting');
    expect(await writing).toBeUndefined();
    expect(await writer.call('get')).toMatchObject({ access_token: 'first' });
  });

  test('in a listener that awaits every method of the store', { timeout: longTimeout }, async () => {
    const { openBackend, start } = await makeWorkplace(bounds);
    const writer = await start();
    await writer.call('set', 'default', { ...tokens, expires_in: 1 });
    let refreshes = 0;
    const store = createCredentialStore({
      storage: openBackend(),
      ...bounds,
      refresh: async () => ({ access_token: `refreshed ${++refreshes}`, expires_in: 3600 }),
    });
    const entry = store.entry();
    const listened: Promise<unknown>[] = [];
    let isListening = false;
    const listen = () => {
      if (isListening || listened.length > 4) return;
      isListening = true;
      listened.push(awaitEveryMethod(store, entry).finally(() => (isListening = false)));
    };
    entry.expiry.subscribe(listen);
    entry.credentials.subscribe(listen);
    entry.timeLeft().subscribe(listen);
    store.health.subscribe(listen);
    // The other process goes on changing the record.
    const writing = writer.failureOf('write');
    await entry.until('fresh');
    const startedAt = performance.now();
    await Promise.all(listened);
    expect(performance.now() - startedAt).toBeLessThan(10 * bound);
    expect(listened.length).toBeGreaterThan(0);
    const closedAt = performance.now();
    await store.close();
    expect(performance.now() - closedAt).toBeLessThan(bound);
    await writer.call('stopWriting');
    expect(await writing).toBeUndefined();
    expect(unhandledIn([writer])).toEqual([]);
  });
});

const neverAnswers = () => new Promise<never>(() => {});

/** Starts everything that a store can be asked for. */
function everyCall(store: CredentialStore, entry: CredentialEntry): Promise<unknown>[] {
  entry.expiry.subscribe(() => {});
  entry.expirySignal();
  return [
    entry.get(),
    entry.set(tokens),
    entry.update((current) => ({ ...current, note: 'changed' })),
    entry.invalidate(),
    entry.refresh(),
    entry.getAccessToken(),
    entry.until('expired'),
    entry.expiry[Symbol.asyncIterator]().next(),
    store.entry('another').set(tokens),
    store.entry('another').delete(),
    store.keys(),
  ];
}

/** Awaits them one after the other, as a listener may. */
async function awaitEveryMethod(store: CredentialStore, entry: CredentialEntry): Promise<void> {
  const methods: (() => Promise<unknown>)[] = [
    () => entry.get(),
    () => entry.update((current) => ({ ...current, note: Math.random() })),
    () => entry.invalidate(),
    () => entry.refresh(),
    () => entry.getAccessToken(),
    () => entry.until(['fresh', 'queued', 'expiring', 'expired']),
    () => entry.expiry[Symbol.asyncIterator]().next(),
    () => entry.set({ ...tokens, issued_at: new Date() }),
    () => store.keys(),
    () => store.entry('another').set(tokens),
    () => store.entry('another').delete(),
  ];
  for (const method of methods) {
    const startedAt = performance.now();
    await method().catch((error: unknown) => expect(error).toMatchObject({ name: expect.any(String) }));
    expect(performance.now() - startedAt).toBeLessThan(bound);
  }
}
