import { describe, expect, test } from 'vitest';
import { fromTokenResponse } from '../../src/index.js';
import type { Failure, StoreProcess } from './startStoreProcess.js';
import { isSoak, longTimeout, makeSignedInWorkplace, sleep, unhandledIn } from './support.js';

const bounds = isSoak ? { timeout: 3000, refreshTimeout: 7000 } : { timeout: 2000, refreshTimeout: 2000 };
const bound = bounds.timeout + bounds.refreshTimeout;
const hour = { accessTokenLifetime: 3600 };

describe('a process that is stopped while it refreshes', () => {
  test(
    'keeps its lease: the others wait in vain, and its late answer gives way to newer tokens',
    {
      timeout: longTimeout,
    },
    async () => {
      const { server, signIn, start, startMany, openStore } = await makeSignedInWorkplace(hour, bounds);
      const [holder, waiters] = await Promise.all([start(), startMany(3)]);
      const { refreshToken } = await signIn();
      const refreshing = await stopInsideRefresh(holder);
      await expectWaitsInVain(waiters, holder, 3);
      expect([...server.counters.presentations]).toEqual([[refreshToken, 1]]);

      const others = fromTokenResponse(await server.mintTokens());
      await waiters[0]?.call('set', 'default', others);
      holder.signal('SIGCONT');
      await holder.call('goOn');
      await refreshing.ended;
      expect(await holder.call('getAccessToken')).toBe(others.access_token);
      await sleep(200);
      const stored = await openStore().entry().get();
      expect(stored).toEqual(others);
      for (const each of waiters) expect(await each.call('getAccessToken')).toBe(others.access_token);
      expect([...server.counters.presentations]).toEqual([[refreshToken, 1]]);
      expect(server.counters.revokedFamilies).toBe(0);
      expect(unhandledIn([holder, ...waiters])).toEqual([]);
    },
  );

  test(
    'commits its late answer where nobody stored another, and all have it',
    {
      timeout: longTimeout,
    },
    async () => {
      const { server, signIn, start, startMany, openStore } = await makeSignedInWorkplace(hour, bounds);
      const [holder, waiters] = await Promise.all([start(), startMany(3)]);
      const { refreshToken } = await signIn();
      const refreshing = await stopInsideRefresh(holder);
      const { token } = await holder.told('answered');
      await expectWaitsInVain(waiters, holder, 1);

      holder.signal('SIGCONT');
      await holder.call('goOn');
      await refreshing.ended;
      // Not as the holder tells it: until it has written, it serves the answer from memory.
      const entry = openStore().entry();
      await expect.poll(async () => (await entry.get())?.access_token, { timeout: 5000 }).toBe(token);
      for (const each of waiters) expect(await each.call('getAccessToken')).toBe(token);
      expect([...server.counters.presentations]).toEqual([[refreshToken, 1]]);
      expect(server.counters.revokedFamilies).toBe(0);
      expect(unhandledIn([holder, ...waiters])).toEqual([]);
    },
  );

  test('right before its write, is refused by the comparison', { timeout: longTimeout }, async () => {
    const { server, signIn, start, openStore } = await makeSignedInWorkplace(hour, bounds);
    const [holder, other] = await Promise.all([start(), start()]);
    await signIn();
    await holder.call('configure', { holdWrites: true });
    const refreshing = holder.failureOf('refresh');
    await holder.told('writing');
    holder.signal('SIGSTOP');
    const others = fromTokenResponse(await server.mintTokens());
    await other.call('set', 'default', others);
    await sleep(bound);
    holder.signal('SIGCONT');
    await holder.call('goOn');
    await holder.told('refused');
    await refreshing;
    await sleep(200);
    expect(await openStore().entry().get()).toEqual(others);
    expect(await holder.call('getAccessToken')).toBe(others.access_token);
    expect(holder.events.filter(({ event }) => event === 'accepted')).toEqual([]);
    expect(server.counters).toMatchObject({ refreshes: 1, refusals: 0, revokedFamilies: 0 });
    expect(unhandledIn([holder, other])).toEqual([]);
  });

  test('does not bring back a session that was signed out meanwhile', { timeout: longTimeout }, async () => {
    const { signIn, start, openStore } = await makeSignedInWorkplace(hour, bounds);
    const [holder, other] = await Promise.all([start(), start()]);
    await signIn();
    const refreshing = await stopInsideRefresh(holder);
    await other.call('delete');
    await sleep(bound);
    holder.signal('SIGCONT');
    await holder.call('goOn');
    await refreshing.ended;
    await sleep(200);
    expect(await openStore().entry().get()).toBeUndefined();
    expect(await holder.call('get')).toBeUndefined();
    expect(unhandledIn([holder, other])).toEqual([]);
  });

  test('holds up nobody on another key', { timeout: longTimeout }, async () => {
    const { server, signIn, start } = await makeSignedInWorkplace(hour, bounds);
    const [holder, other] = await Promise.all([start(), start()]);
    await signIn();
    await stopInsideRefresh(holder);
    await other.call('set', 'another', fromTokenResponse(await server.mintTokens()));
    const startedAt = performance.now();
    await other.call('refresh', 'another');
    expect(performance.now() - startedAt).toBeLessThan(bound);
    expect((await other.call<string[]>('keys')).toSorted()).toEqual(['another', 'default']);
  });
});

/** Stops a process that has an answer and has not committed it. */
async function stopInsideRefresh(
  holder: StoreProcess,
): Promise<{ readonly ended: Promise<Failure | undefined> }> {
  await holder.call('configure', { holdAfter: true });
  await holder.call('invalidate');
  const ended = holder.failureOf('refresh');
  await holder.told('answered');
  holder.signal('SIGSTOP');
  return { ended };
}

/** For so many times the bound, everybody gets a typed error in time, and reads as ever. */
async function expectWaitsInVain(
  waiters: readonly StoreProcess[],
  holder: StoreProcess,
  times: number,
): Promise<void> {
  for (let time = 0; time < times; time++) {
    const startedAt = performance.now();
    const failures = await Promise.all(waiters.map((each) => each.failureOf('getAccessToken')));
    expect(performance.now() - startedAt).toBeLessThan(bound + 2000);
    for (const failure of failures) {
      expect(failure).toMatchObject({ name: 'TimeoutError', retryable: true });
      expect(failure?.message).toContain(`process ${holder.pid}`);
    }
    const readAt = performance.now();
    await Promise.all(waiters.map((each) => each.call('get')));
    expect(performance.now() - readAt).toBeLessThan(bound);
  }
}
