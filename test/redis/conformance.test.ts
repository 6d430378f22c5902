import { beforeAll, describe, test } from 'vitest';
import { fallbackBackend } from '../../src/fallback/fallback.js';
import { redisBackend } from '../../src/redis/redis.js';
import type { RedisClient } from '../../src/redis/redis.js';
import { testBackend } from '../../src/testing/index.js';
import { openClient, openClusterClient } from './clients.js';
import { hasRedis, startCluster, startRedis } from './servers.js';

describe.skipIf(!hasRedis)('shelflife/redis', () => {
  describe.each(Object.keys(openClient))('on the package %s', (name) => {
    describe('and one server', () => {
      let client: RedisClient;
      beforeAll(async () => {
        const { port } = await startRedis();
        client = await openClient[name]!(port);
      });
      testBackend({ name: 'redis', create: () => redisBackend({ client }), test });
      testBackend({
        name: 'a fallback over redis',
        create: () => fallbackBackend([redisBackend({ client }), redisBackend({ client, prefix: 'below:' })]),
        test,
      });
    });

    describe('and a cluster of three nodes', () => {
      let client: RedisClient;
      beforeAll(async () => {
        client = await openClusterClient[name]!(await startCluster());
      });
      testBackend({ name: 'redis cluster', create: () => redisBackend({ client }), test });
    });
  });
});
