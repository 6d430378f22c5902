import type { StorageBackend } from '../storage/StorageBackend.js';
import { connectionOf } from './connectionOf.js';
import { RedisBackend } from './RedisBackend.js';
import type { RedisClient } from './RedisClient.js';

export type { IoRedisClient, NodeRedisClient, NodeRedisCluster, RedisClient } from './RedisClient.js';

/** What `redisBackend` is told. */
export interface RedisBackendOptions {
  /** A client of the package `redis` 5 or 6, or of `ioredis` 5, that you made, connect and close. */
  readonly client: RedisClient;
  /** Begins the name of everything that is kept in Redis, without braces; default `shelflife:`. */
  readonly prefix?: string;
  /**
   * For how many milliseconds a lease outlives a holder that died or stands still; default 30,000. One that works
   * renews it. Shorter than a refresh with all its waiting, and two machines may send the same refresh token.
   */
  readonly leaseDuration?: number;
}

const shortestLease = 100;

/**
 * Keeps credentials in Redis 7 or newer, or Valkey, for all the machines of a service: one server, one with
 * sentinels, or a cluster.
 *
 * A write is one Lua script on the server, so that none is lost between machines, and one machine at a time
 * refreshes. What a crash of the server can lose depends on its persistence: rotated refresh tokens call for
 * `appendonly yes` with `appendfsync always`, and for `maxmemory-policy noeviction`.
 *
 * @throws {TypeError} for a client that is none of these, a prefix with braces, a lease below 100 ms.
 * @example
 * ```ts
 * import { createClient } from 'redis';
 * import { createCredentialStore } from 'shelflife';
 * import { redisBackend } from 'shelflife/redis';
 *
 * const client = createClient({ url: process.env.REDIS_URL });
 * client.on('error', console.error);
 * await client.connect();
 * const store = createCredentialStore({ storage: redisBackend({ client }), refresh });
 * ```
 */
export function redisBackend(options: RedisBackendOptions): StorageBackend {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError('redisBackend: `options` must be an object with `client`.');
  }
  const { client, prefix = 'shelflife:', leaseDuration = 30_000 } = options;
  if (typeof prefix !== 'string' || /[{}\p{Surrogate}]/u.test(prefix)) {
    throw new TypeError('redisBackend: `prefix` must be a string without braces and lone surrogates.');
  }
  if (!Number.isInteger(leaseDuration) || leaseDuration < shortestLease) {
    throw new TypeError(
      `redisBackend: \`leaseDuration\` must be a whole number of milliseconds, ${shortestLease} or more.`,
    );
  }
  return new RedisBackend(connectionOf(client), prefix, leaseDuration);
}
