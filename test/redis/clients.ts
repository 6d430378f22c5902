import { Cluster, Redis } from 'ioredis';
import { createClient, createCluster } from 'redis';
import { afterAll } from 'vitest';
import type { RedisClient } from '../../src/redis/redis.js';
import type { RedisServer } from './servers.js';

const cleanUps: (() => unknown)[] = [];

afterAll(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

/** Connects a client of each package; all are closed when the tests of the file are over. */
export const openClient: Readonly<Record<string, (port: number) => Promise<RedisClient>>> = {
  async redis(port) {
    const client = createClient({
      socket: { host: '127.0.0.1', port, reconnectStrategy: 50 },
    });
    client.on('error', () => {});
    cleanUps.push(() => client.destroy());
    await client.connect();
    return client;
  },
  async ioredis(port) {
    const client = new Redis({ host: '127.0.0.1', port, retryStrategy: () => 50 });
    client.on('error', () => {});
    cleanUps.push(() => client.disconnect());
    await new Promise<void>((resolve) => client.once('ready', () => resolve()));
    return client;
  },
};

/** The same for a cluster. */
export const openClusterClient: Readonly<
  Record<string, (nodes: readonly RedisServer[]) => Promise<RedisClient>>
> = {
  async redis(nodes) {
    const client = createCluster({
      rootNodes: nodes.map(({ url }) => ({ url })),
      defaults: { socket: { reconnectStrategy: 50 } },
    });
    client.on('error', () => {});
    cleanUps.push(() => client.destroy());
    await client.connect();
    return client;
  },
  async ioredis(nodes) {
    const client = new Cluster(
      nodes.map(({ port }) => ({ host: '127.0.0.1', port })),
      { clusterRetryStrategy: () => 50, slotsRefreshInterval: 1000 },
    );
    client.on('error', () => {});
    cleanUps.push(() => client.disconnect());
    await new Promise<void>((resolve) => client.once('ready', () => resolve()));
    return client;
  },
};
