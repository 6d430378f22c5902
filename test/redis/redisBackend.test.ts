import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { beforeAll, describe, expect, test } from 'vitest';
import { createCredentialStore, StorageQuotaError, StorageUnavailableError } from '../../src/index.js';
import { redisBackend, type RedisClient } from '../../src/redis/redis.js';
import type { Lease, StorageBackend } from '../../src/storage/StorageBackend.js';
import { bundleProgram } from './bundleProgram.js';
import { openClient, openClusterClient } from './clients.js';
import { durable, freePort, hasRedis, type RedisServer, startCluster, startRedis, until } from './servers.js';

const forever = new AbortController().signal;
const lease = (backend: StorageBackend, key: string): Promise<Lease> =>
  backend.lease!(key, { signal: forever });
const list = async (backend: StorageBackend, prefix = ''): Promise<string[]> => {
  const keys: string[] = [];
  for await (const key of await backend.keys(prefix)) keys.push(key);
  return keys;
};
/** What a call fails with. */
const failureOf = async (call: () => unknown): Promise<unknown> => {
  try {
    await call();
    return undefined;
  } catch (error) {
    return error;
  }
};
const leaseName = (key: string): string => `shelflife:{${key}}:lease`;

describe.skipIf(!hasRedis).each(Object.keys(openClient))('a Redis backend on the package %s', (name) => {
  let server: RedisServer;
  let client: RedisClient;

  beforeAll(async () => {
    server = await startRedis(durable);
    client = await openClient[name]!(server.port);
  });

  /** Another machine, as far as the server can tell. */
  const openOther = async (leaseDuration?: number): Promise<StorageBackend> =>
    redisBackend({ client: await openClient[name]!(server.port), ...(leaseDuration && { leaseDuration }) });

  test('says how far it reaches', () => {
    expect(redisBackend({ client })).toMatchObject({ name: 'redis', scope: 'cluster', persistent: true });
  });

  test('works on when the server forgets its scripts', async () => {
    const backend = redisBackend({ client });
    const key = randomUUID();
    expect(await backend.compareAndSet(key, undefined, 'first')).toBe(true);
    await server.command('SCRIPT', 'FLUSH');
    expect(await backend.compareAndSet(key, 'first', 'second')).toBe(true);
    const held = await lease(backend, key);
    await server.command('SCRIPT', 'FLUSH');
    await held.release();
    expect(await server.command('EXISTS', leaseName(key))).toBe(0);
  });

  test('takes a write that the client sent twice for one that was made', async () => {
    const backend = redisBackend({ client });
    const key = randomUUID();
    expect(await backend.compareAndSet(key, undefined, 'mine')).toBe(true);
    expect(await backend.compareAndSet(key, undefined, 'mine')).toBe(true);
    expect(await backend.compareAndSet(key, undefined, 'another')).toBe(false);
  });

  test('keeps one copy in quarantine beside the value, and deletes both', async () => {
    const backend = redisBackend({ client, prefix: 'quarantine:' });
    await backend.compareAndSet('key', undefined, 'damaged');
    await backend.quarantine!('key');
    await backend.quarantine!('key');
    expect(await server.command('GET', 'quarantine:{key}:quarantine')).toBe('damaged');
    await backend.compareAndSet('key', 'damaged', undefined);
    expect(await server.command('KEYS', 'quarantine:*')).toEqual([]);
  });

  test('mixes no two prefixes and keys up', async () => {
    const letters = fc.string({
      unit: fc.constantFrom('a', ':', '*', '%', '{', '}', '?', '\\'),
      maxLength: 4,
    });
    const prefix = letters.map((text) => text.replaceAll(/[{}]/g, ''));
    const pair = fc.tuple(prefix, letters);
    await fc.assert(
      fc.asyncProperty(pair, pair, async ([prefix1, key1], [prefix2, key2]) => {
        const one = redisBackend({ client, prefix: `p${prefix1}` });
        const other = redisBackend({ client, prefix: `p${prefix2}` });
        await one.compareAndSet(key1, undefined, 'value');
        try {
          const isSame = prefix1 === prefix2 && key1 === key2;
          expect(await other.get(key2)).toBe(isSame ? 'value' : undefined);
          expect(await list(one)).toEqual([key1]);
          const listed = await list(other);
          expect(listed).toEqual(prefix1 === prefix2 ? [key1] : []);
        } finally {
          await one.compareAndSet(key1, 'value', undefined);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('hears of the changes of others, not of its own, and reads again after each connection', async () => {
    const [backend, other] = [redisBackend({ client }), await openOther()];
    const heard: (string | undefined)[] = [];
    const unsubscribe = backend.subscribe!((key) => void heard.push(key));
    await until(() => heard.length === 1);
    await backend.compareAndSet('own', undefined, randomUUID());
    const key = randomUUID();
    await other.compareAndSet(key, undefined, 'value');
    await until(() => heard.length === 2);
    await server.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await until(() => heard.length === 3);
    await other.compareAndSet(key, 'value', undefined);
    await until(() => heard.length === 4);
    expect(heard).toEqual([undefined, key, undefined, key]);
    unsubscribe();
    await until(
      async () => !String(await server.command('CLIENT', 'LIST', 'TYPE', 'pubsub')).includes('id='),
    );
  });

  test('renews a lease while it is held', async () => {
    const [backend, other] = [await openOther(300), await openOther(300)];
    const key = randomUUID();
    const held = await lease(backend, key);
    const waiting = lease(other, key);
    const first = await Promise.race([waiting, sleep(1500, 'still waiting')]);
    expect([first, held.signal.aborted]).toEqual(['still waiting', false]);
    await held.release();
    await (await waiting).release();
  });

  test('gives the lease of a holder that is gone to the next', async () => {
    const backend = await openOther(60_000);
    const key = randomUUID();
    await server.command('SET', leaseName(key), 'of a process that was killed', 'PX', '400');
    const held = await lease(backend, key);
    expect(await server.command('GET', leaseName(key))).not.toContain('killed');
    await held.release();
  });

  test('tells a holder that it has lost its lease, and leaves that of the next alone', async () => {
    const backend = await openOther(300);
    const key = randomUUID();
    const held = await lease(backend, key);
    await server.command('SET', leaseName(key), 'of another');
    await until(() => held.signal.aborted);
    await held.release();
    expect(await server.command('GET', leaseName(key))).toBe('of another');
  });

  test('tells a holder so in time where the server stands still', async () => {
    const backend = await openOther(400);
    const held = await lease(backend, randomUUID());
    server.signal('SIGSTOP');
    try {
      await until(() => held.signal.aborted);
    } finally {
      server.signal('SIGCONT');
    }
  });

  test('keeps a lease whose last write may yet come through, until one does', async () => {
    const backend = await openOther();
    const key = randomUUID();
    await backend.compareAndSet(key, undefined, 'first');
    const held = await lease(backend, key);
    server.signal('SIGSTOP');
    const writing = failureOf(() => backend.compareAndSet(key, 'first', 'second'));
    await server.kill();
    expect(await writing).toBeInstanceOf(StorageUnavailableError);
    await held.release();
    await server.restart();
    expect(await server.command('EXISTS', leaseName(key))).toBe(1);
    await until(
      async () => (await failureOf(() => backend.compareAndSet(key, 'first', 'second'))) === undefined,
    );
    await until(async () => (await server.command('EXISTS', leaseName(key))) === 0);
    expect(held.signal.aborted).toBe(false);
  });

  test('keeps a lease also where what stood still was the read before the write', async () => {
    const backend = await openOther();
    const key = randomUUID();
    await backend.compareAndSet(key, undefined, 'first');
    const held = await lease(backend, key);
    await backend.get(key);
    server.signal('SIGSTOP');
    const reading = backend.get(key);
    await sleep(50);
    // A store does so when its timeout is over.
    const released = held.release();
    server.signal('SIGCONT');
    expect(await reading).toBe('first');
    await released;
    expect(await server.command('EXISTS', leaseName(key))).toBe(1);
    await backend.compareAndSet(key, 'first', 'second');
    await until(async () => (await server.command('EXISTS', leaseName(key))) === 0);
  });

  test('takes a lease up again that it has kept for a write in doubt', async () => {
    const backend = await openOther();
    const key = randomUUID();
    const held = await lease(backend, key);
    await server.command('CONFIG', 'SET', 'maxmemory', '1');
    const full = await failureOf(() => backend.compareAndSet(key, undefined, 'value'));
    await server.command('CONFIG', 'SET', 'maxmemory', '0');
    expect(full).toBeInstanceOf(StorageQuotaError);
    await held.release();
    const again = await lease(backend, key);
    await held.release();
    expect(await server.command('EXISTS', leaseName(key))).toBe(1);
    await backend.compareAndSet(key, undefined, 'value');
    await again.release();
    expect(await server.command('EXISTS', leaseName(key))).toBe(0);
  });

  test('deletes also where the server is full', async () => {
    const backend = redisBackend({ client });
    const key = randomUUID();
    await backend.compareAndSet(key, undefined, 'value');
    await server.command('CONFIG', 'SET', 'maxmemory', '1');
    try {
      expect(await backend.compareAndSet(key, 'value', undefined)).toBe(true);
    } finally {
      await server.command('CONFIG', 'SET', 'maxmemory', '0');
    }
  });

  test('holds no process that observes, once its client is closed', async () => {
    const program = await bundleProgram('idleProcess');
    const { stdout } = await promisify(execFile)(process.execPath, [program, name, String(server.port)], {
      timeout: 15_000,
    });
    expect(stdout).toBe('let go');
  });

  test('says that the server is down, and works again when it is back', async () => {
    const store = createCredentialStore({ storage: await openOther() });
    const key = randomUUID();
    await store.entry(key).set({ access_token: 'a synthetic token', expires_in: null });
    await server.kill();
    const error = await failureOf(() => store.entry(key).get());
    expect(error).toBeInstanceOf(StorageUnavailableError);
    expect(error).toMatchObject({ retryable: true, backend: 'redis', key });
    expect(store.health.value.status).toBe('failed');
    await server.restart();
    await until(async () => (await failureOf(() => store.entry(key).get())) === undefined);
    expect(await store.entry(key).get()).toMatchObject({ access_token: 'a synthetic token' });
    expect(store.health.value.status).toBe('ok');
    await store.close();
  });
});

describe.skipIf(!hasRedis)('a Redis backend', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });

  test('tells of a client that was never connected', async () => {
    const backend = redisBackend({ client: createClient({ url: server.url }) });
    const error = await failureOf(() => backend.get('key'));
    expect(error).toBeInstanceOf(StorageUnavailableError);
    expect(error).toMatchObject({ retryable: true, message: expect.stringContaining('connect()') as string });
  });

  test('tells of a client that was closed', async () => {
    const client = new Redis(server.url);
    await client.quit();
    await until(() => client.status === 'end');
    await expect(redisBackend({ client }).compareAndSet('key', undefined, 'value')).rejects.toThrow(
      StorageUnavailableError,
    );
  });

  test('connects a client that connects when it is used', async () => {
    const client = new Redis(server.url, { lazyConnect: true });
    expect(await redisBackend({ client }).get('absent')).toBe(undefined);
    client.disconnect();
  });

  test('tells of a server that does not listen, and lists nothing of it', async () => {
    const client = new Redis({ port: await freePort(), host: '127.0.0.1' });
    client.on('error', () => {});
    const backend = redisBackend({ client });
    await expect(backend.get('key')).rejects.toThrow(StorageUnavailableError);
    await expect(list(backend)).rejects.toThrow(StorageUnavailableError);
    await expect(lease(backend, 'key')).rejects.toThrow(StorageUnavailableError);
    client.disconnect();
  });

  test('honours the prefix that the client puts before every key', async () => {
    const client = new Redis(server.url, { keyPrefix: '*[app]:' });
    const [backend, other] = [redisBackend({ client }), redisBackend({ client })];
    const hint = new Promise((resolve) => {
      other.subscribe!((key) => key !== undefined && resolve(key));
      other.subscribe!((key) => {
        if (key === undefined) void backend.compareAndSet('tenant', undefined, 'value');
      });
    });
    expect(await hint).toBe('tenant');
    expect(await server.command('GET', '*[app]:shelflife:{tenant}')).toBe('value');
    expect(await list(backend, 'ten')).toEqual(['tenant']);
    await other.close!();
    client.disconnect();
  });

  test('takes answers as bytes, where the client is told so', async () => {
    const plain = createClient({ url: server.url });
    await plain.connect();
    const client = plain.withTypeMapping({ 36: Buffer, 43: Buffer });
    const backend = redisBackend({ client });
    expect(await backend.compareAndSet('bytes', undefined, 'clé')).toBe(true);
    expect(await backend.get('bytes')).toBe('clé');
    expect(await list(backend, 'by')).toEqual(['bytes']);
    plain.destroy();
  });

  test.each(['+info', '-info'])(
    'needs no more rights than the documents say, and does with %s',
    async (info) => {
      const rights = '~shelflife:* &shelflife:* +@read +@write +@scripting +@pubsub +@connection';
      const user = `user${info}`;
      await server.command('ACL', 'SETUSER', user, 'on', '>secret', ...rights.split(' '), info);
      const url = `redis://${encodeURIComponent(user)}:secret@127.0.0.1:${server.port}`;
      const nodeRedis = createClient({ url });
      await nodeRedis.connect();
      const ioRedis = new Redis(server.port, '127.0.0.1', { username: user, password: 'secret' });
      for (const client of [nodeRedis, ioRedis]) {
        const backend = redisBackend({ client });
        const heard = new Promise((resolve) => backend.subscribe!(resolve));
        const key = randomUUID();
        await backend.compareAndSet(key, undefined, 'value');
        await backend.quarantine!(key);
        const held = await lease(backend, key);
        await held.release();
        expect([await backend.get(key), await list(backend, key), await heard]).toEqual([
          'value',
          [key],
          undefined,
        ]);
        expect(await backend.compareAndSet(key, 'value', undefined)).toBe(true);
        await backend.close!();
      }
      nodeRedis.destroy();
      ioRedis.disconnect();
    },
  );

  test('keeps all of a key in one slot of a cluster', async () => {
    const nodes = await startCluster();
    const client = await openClusterClient['ioredis']!(nodes);
    const backend = redisBackend({ client });
    for (const key of ['', 'a', '}{', '%', 'tenant:1', '{x}']) {
      await backend.compareAndSet(key, undefined, 'damaged');
      await backend.quarantine!(key);
      const held = await lease(backend, key);
      const names = (
        await Promise.all(nodes.map(async (node) => (await node.command('KEYS', '*')) as string[]))
      ).flat();
      const slots = await Promise.all(names.map((each) => nodes[0]!.command('CLUSTER', 'KEYSLOT', each)));
      expect([names.length, new Set(slots).size]).toEqual([3, 1]);
      await held.release();
      await backend.compareAndSet(key, 'damaged', undefined);
    }
  });
});

describe('redisBackend', () => {
  const fake = (redisVersion: string) => ({
    sent: [] as string[],
    isOpen: true,
    isReady: true,
    async sendCommand(command: string[]) {
      this.sent.push(command[0]!);
      return command[0] === 'INFO' ? `# Server\r\nredis_version:${redisVersion}\r\n` : null;
    },
    duplicate: () => undefined,
    unref: () => undefined,
  });

  // No server as old as that can be installed here, so this is the one fake in this file.
  test('says at the first use that a server is too old, and touches nothing of it', async () => {
    const client = fake('6.2.14');
    const storage = redisBackend({ client });
    await expect(storage.get('key')).rejects.toThrow('Redis 6.2.14 is too old');
    await expect(createCredentialStore({ storage }).entry().get()).rejects.toThrow(StorageUnavailableError);
    expect(new Set(client.sent)).toEqual(new Set(['INFO']));
  });

  test('takes the versions that Valkey and a newer Redis tell', async () => {
    for (const version of ['7.0.0', '7.2.4', '8.2.1', '10.0.0']) {
      expect(await redisBackend({ client: fake(version) }).get('key')).toBe(undefined);
    }
  });

  test.each([
    undefined,
    null,
    'redis://localhost',
    {},
    { client: undefined },
    { client: {} },
    { client: new Map() },
  ])('refuses %o for options', (options) => {
    expect(() => redisBackend(options as never)).toThrow(TypeError);
  });

  test.each(['{', 'a}', '\ud800', 1, null])('refuses %o for a prefix', (prefix) => {
    expect(() => redisBackend({ client: fake('7.0.0'), prefix: prefix as string })).toThrow(TypeError);
  });

  test.each([0, -1, 99, 1000.5, Number.NaN, Infinity, '30000', null])(
    'refuses %o for leaseDuration',
    (value) => {
      expect(() => redisBackend({ client: fake('7.0.0'), leaseDuration: value as number })).toThrow(
        TypeError,
      );
    },
  );
});
