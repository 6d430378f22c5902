import { describe, expect, test } from 'vitest';
import type { ProcessEvent, StoreProcess } from './startStoreProcess.js';
import {
  isSoak,
  longTimeout,
  makeSignedInWorkplace,
  makeWorkplace,
  processCount,
  unhandledIn,
} from './support.js';

const seen = 2000;

describe('eight processes on one directory', () => {
  test(
    'go through every expiry with one redemption each, and all see each new token in time',
    {
      timeout: longTimeout,
    },
    async () => {
      const expiries = isSoak ? 50 : 6;
      const { server, signIn, startMany } = await makeSignedInWorkplace({ accessTokenLifetime: 4 });
      const processes = await startMany(processCount);
      for (const each of processes) await each.call('configure', { lastGeneration: expiries });
      const { refreshToken } = await signIn();
      await Promise.all(processes.map((each) => each.call('observe')));

      const lastTokens = await Promise.all(processes.map((each) => lastTokenOf(each, expiries)));
      expect(new Set(lastTokens).size).toBe(1);
      expect(server.counters).toMatchObject({ refreshes: expiries, refusals: 0, revokedFamilies: 0 });
      const presented = server.counters.presentations;
      expect([...presented.values()]).toEqual(Array(expiries).fill(1));
      expect(presented.has(refreshToken)).toBe(true);
      for (const delays of processes.map((each) => delaysOf(each, processes)))
        expect(Math.max(...delays)).toBeLessThan(seen);
      expect(unhandledIn(processes)).toEqual([]);
    },
  );

  test('that all ask at once for a token make one request', { timeout: longTimeout }, async () => {
    const { server, signIn, startMany } = await makeSignedInWorkplace({ accessTokenLifetime: 3600 });
    const processes = await startMany(processCount);
    const { refreshToken } = await signIn();
    await processes[0]?.call('invalidate');
    const tokens = await Promise.all(processes.map((each) => each.call<string>('getAccessToken')));
    expect(new Set(tokens).size).toBe(1);
    expect([...server.counters.presentations]).toEqual([[refreshToken, 1]]);
    expect(await Promise.all(processes.map((each) => each.call('getAccessToken')))).toEqual(tokens);
    expect(server.counters.refreshes).toBe(1);
  });

  test('that count on one key lose nothing', { timeout: longTimeout }, async () => {
    const times = isSoak ? 500 : 40;
    const { openStore, startMany } = await makeWorkplace({ timeout: 60_000 });
    const processes = await startMany(processCount);
    await Promise.all(processes.map((each) => each.call('count', 'counter', times)));
    expect(await openStore().entry('counter').get()).toEqual({ count: processCount * times });
    await Promise.all(processes.map((each) => each.call('close')));
  });

  test('all hear of a sign-out, and of the next sign-in', { timeout: longTimeout }, async () => {
    const { signIn, startMany } = await makeSignedInWorkplace({ accessTokenLifetime: 3600 });
    const processes = await startMany(processCount);
    const { accessToken } = await signIn();
    for (const each of processes) {
      await each.call('observe');
      await each.told('token', ({ token }) => token === accessToken);
      await each.call('watchSession');
    }
    const signedOutAt = Date.now();
    await processes[3]?.call('delete');
    for (const each of processes) {
      const absent = await each.told('status', ({ status }) => status === 'absent');
      const over = await each.told('session over');
      expect(Math.max(absent.at, over.at) - signedOutAt).toBeLessThan(seen);
    }
    expect(await Promise.all(processes.map((each) => each.call('get')))).toEqual(
      Array(processCount).fill(undefined),
    );
    const next = await signIn();
    for (const each of processes) {
      await each.told('token', ({ token }) => token === next.accessToken);
      // The token is told first, and the status in a message of its own.
      await each.told('status', ({ status, at }) => status === 'fresh' && at >= signedOutAt);
      const statuses = each.events.filter(isFrom('status', signedOutAt)).map(({ status }) => status);
      expect(statuses).toEqual(['absent', 'fresh']);
    }
    expect(unhandledIn(processes)).toEqual([]);
  });
});

const isFrom = (name: string, since: number) => (each: ProcessEvent) =>
  each.event === name && each.at >= since;

/** The access token of the last generation, once a process holds it. */
async function lastTokenOf(process: StoreProcess, generation: number): Promise<string> {
  for (;;) {
    const credentials = await process.call<{ generation?: number; access_token: string }>('get');
    if (credentials.generation === generation) {
      await process.told('token', ({ token }) => token === credentials.access_token);
      return credentials.access_token;
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** How long after its first sight anywhere a process saw each token, or a later one. */
function delaysOf(process: StoreProcess, all: readonly StoreProcess[]): number[] {
  const first = new Map<string, number>();
  for (const { event, token, at } of all.flatMap(({ events }) => events))
    if (event === 'token' && token) first.set(token, Math.min(at, first.get(token) ?? Infinity));
  const own = process.events.filter(({ event }) => event === 'token');
  return [...first.values()].map((at) => {
    const sight = own.find((each) => each.token && (first.get(each.token) ?? 0) >= at);
    return sight ? sight.at - at : Infinity;
  });
}
