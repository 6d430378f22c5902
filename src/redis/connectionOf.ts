import type { Connection } from './Connection.js';
import { ioRedisConnection } from './ioRedisConnection.js';
import { nodeRedisClusterConnection, nodeRedisConnection } from './nodeRedisConnection.js';
import type { IoRedisClient, NodeRedisClient, NodeRedisCluster } from './RedisClient.js';

/**
 * Tells the clients apart by what they have.
 *
 * @throws {TypeError} where it is no client that we know.
 */
export function connectionOf(client: unknown): Connection {
  const has = (...names: readonly string[]): boolean =>
    names.every(
      (name) => typeof (client as Record<string, unknown> | null | undefined)?.[name] === 'function',
    );
  if (has('call', 'duplicate', 'connect')) return ioRedisConnection(client as IoRedisClient);
  if (has('sendCommand', 'nodeClient')) return nodeRedisClusterConnection(client as NodeRedisCluster);
  // A pool and a sentinel of node-redis take other arguments.
  if (has('sendCommand', 'duplicate', 'unref')) return nodeRedisConnection(client as NodeRedisClient);
  throw new TypeError(
    'redisBackend: `client` must be a client made by `createClient` or `createCluster` of the package "redis", ' +
      'or by `new Redis` or `new Cluster` of the package "ioredis".',
  );
}
