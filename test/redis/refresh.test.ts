import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from '../../examples/authorization-server/startAuthorizationServer.mjs';
import { createCredentialStore, fromTokenResponse } from '../../src/index.js';
import { redisBackend } from '../../src/redis/redis.js';
import { openClient, openClusterClient } from './clients.js';
import { durable, hasRedis, type RedisServer, startCluster, startRedis, until } from './servers.js';
import { startProxy } from './startProxy.js';
import { startStoreProcess, type StoreProcess } from './startStoreProcess.js';

const isSoak = Boolean(process.env['SOAK']);
const timeout = isSoak ? 3_600_000 : 90_000;
const tenants = ['one', 'two'];
const packages = ['redis', 'ioredis'] as const;

describe.skipIf(!hasRedis)('four processes with two tenants on Redis', () => {
  let authorizationServer: AuthorizationServer;

  beforeAll(async () => {
    authorizationServer = await startAuthorizationServer({ accessTokenLifetime: 2 });
  });
  afterAll(() => authorizationServer?.close());

  /** Signs the tenants in, has four processes observe them, and resolves when all have the last token of both. */
  async function goThrough(
    ports: readonly (readonly number[])[],
    lastGeneration: number,
    meanwhile: () => Promise<void> = async () => {},
  ): Promise<void> {
    const { tokenEndpoint, clientId, counters } = authorizationServer;
    const before = { ...counters, presentations: new Map(counters.presentations) };
    const client = ports[0]!.length > 1 ? undefined : await openClient['ioredis']!(ports[0]![0]!);
    const nodes = ports[0]!.map((port) => ({ port, url: `redis://127.0.0.1:${port}` }) as RedisServer);
    const storage = redisBackend({ client: client ?? (await openClusterClient['ioredis']!(nodes)) });
    const store = createCredentialStore({ storage });
    for (const tenant of tenants) {
      await store.entry(tenant).delete();
      await store.entry(tenant).set(fromTokenResponse(await authorizationServer.mintTokens()));
    }
    const processes = await Promise.all(
      Array.from({ length: 4 }, (_, index) =>
        startStoreProcess({
          package: packages[index % 2]!,
          ports: ports[index % ports.length]!,
          tokenEndpoint,
          clientId,
          delay: 100,
          lastGeneration,
        }),
      ),
    );
    for (const each of processes) each.send({ command: 'observe', tenants });
    await meanwhile();
    await until(() =>
      processes.every((each) => tenants.every((tenant) => hasCome(each, tenant, lastGeneration))),
    );
    for (const tenant of tenants) {
      const tokens = processes.map((each) => lastToken(each, tenant));
      const stored = await store.entry(tenant).get();
      expect(new Set([...tokens, stored?.access_token]).size).toBe(1);
    }
    expect(processes.flatMap(({ told }) => told.filter(({ event }) => event === 'unhandled'))).toEqual([]);
    for (const each of processes) each.process.kill('SIGKILL');
    await store.close();

    const presented = [...counters.presentations].filter(([token]) => !before.presentations.has(token));
    expect(presented.map(([, times]) => times)).toEqual(Array(tenants.length * lastGeneration).fill(1));
    expect(counters.refreshes - before.refreshes).toBe(tenants.length * lastGeneration);
    expect(counters.refusals).toBe(before.refusals);
    expect(counters.revokedFamilies).toBe(before.revokedFamilies);
  }

  test('go through every expiry with one request each', { timeout }, async () => {
    const { port } = await startRedis(durable);
    await goThrough([[port]], isSoak ? 50 : 4);
  });

  test('do so too while Redis is killed and started again', { timeout }, async () => {
    const server = await startRedis(durable);
    await goThrough([[server.port]], isSoak ? 50 : 3, async () => {
      for (let round = 0; round < (isSoak ? 40 : 3); round += 1) {
        await sleep(300 + Math.random() * 900);
        await server.kill();
        await sleep(Math.random() * 300);
        await server.restart();
      }
    });
  });

  test('do so too while Redis stands still now and then', { timeout }, async () => {
    const server = await startRedis(durable);
    await goThrough([[server.port]], isSoak ? 50 : 3, async () => {
      for (let round = 0; round < (isSoak ? 40 : 3); round += 1) {
        await sleep(300 + Math.random() * 900);
        server.signal('SIGSTOP');
        // Once longer than the timeout of the stores.
        await sleep(round === 0 ? 3500 : Math.random() * 1000);
        server.signal('SIGCONT');
      }
    });
  });

  test('do so too while their connections are cut', { timeout }, async () => {
    const server = await startRedis(durable);
    const [first, second] = [await startProxy(server.port), await startProxy(server.port)];
    await goThrough([[first.port], [second.port]], isSoak ? 50 : 3, async () => {
      for (let round = 0; round < (isSoak ? 40 : 4); round += 1) {
        const proxy = round % 2 ? first : second;
        await sleep(300 + Math.random() * 700);
        proxy.cut();
        await sleep(Math.random() * 800);
        proxy.mend();
      }
    });
  });

  test('do so too while a replica takes the place of a node of a cluster', { timeout }, async () => {
    const nodes = await startCluster({ replicas: 1 });
    await goThrough([nodes.map(({ port }) => port)], isSoak ? 20 : 3, async () => {
      await sleep(1200);
      await (await ownerOf(nodes, 'one')).kill();
    });
  });
});

describe.skipIf(!hasRedis)('writers on a Redis with `appendfsync always`', () => {
  test('lose no acknowledged write when it is killed', { timeout }, async () => {
    const server = await startRedis(durable);
    const store = createCredentialStore({
      storage: redisBackend({ client: await openClient['redis']!(server.port) }),
    });
    await store.entry('counts').set({ access_token: 'synthetic', expires_in: null });
    const writers = await Promise.all(
      packages.map((each) =>
        startStoreProcess({
          package: each,
          ports: [server.port],
          tokenEndpoint: '',
          clientId: '',
          delay: 0,
          lastGeneration: 1,
        }),
      ),
    );
    for (const [index, writer] of writers.entries())
      writer.send({ command: 'count', tenant: 'counts', member: packages[index]! });
    for (let round = 0; round < (isSoak ? 100 : 5); round += 1) {
      await sleep(100 + Math.random() * 400);
      await server.kill();
      const acknowledged = writers.map(lastWritten);
      await server.restart();
      const text = String(await server.command('GET', 'shelflife:{shelflife:counts}'));
      for (const [index, number] of acknowledged.entries()) {
        const [, found = '0'] = new RegExp(`"${packages[index]}":(\\d+)`).exec(text) ?? [];
        expect(Number(found)).toBeGreaterThanOrEqual(number);
      }
    }
    for (const writer of writers) expect(lastWritten(writer)).toBeGreaterThan(10);
    for (const writer of writers) writer.send({ command: 'stop' });
    await store.close();
  });
});

function hasCome({ told }: StoreProcess, tenant: string, generation: number): boolean {
  return told.some(
    (each) => each.event === 'token' && each.tenant === tenant && each.generation === generation,
  );
}

function lastToken({ told }: StoreProcess, tenant: string): string | undefined {
  return told
    .flatMap((each) => (each.event === 'token' && each.tenant === tenant ? [each.token] : []))
    .at(-1);
}

function lastWritten({ told }: StoreProcess): number {
  return Math.max(0, ...told.flatMap((each) => (each.event === 'written' ? [each.number] : [])));
}

/** The master that has a tenant's key, by the order in which `startCluster` gives the slots out. */
async function ownerOf(nodes: readonly RedisServer[], tenant: string): Promise<RedisServer> {
  const slot = await nodes[0]!.command('CLUSTER', 'KEYSLOT', `shelflife:{shelflife:${tenant}}`);
  return nodes[Math.floor((Number(slot) * 3) / 16384)]!;
}
