/** What do updates of 64 callers cost, each of an entry of its own in Redis, against a bare GET and SET by the same client? */
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { createCredentialStore } from 'shelflife';
import { redisBackend } from 'shelflife/redis';
import { compare } from './compare.mjs';
import { sampleCredentials } from './sampleCredentials.mjs';
import { startRedis } from './startRedis.mjs';
import { either } from './support/options.mjs';
import { importPeers } from './support/peers.mjs';

const callers = 64;
const ours = 'shelflife: update';
const updates = either(20, 5);
const tenants = Array.from({ length: callers }, (_, index) => `tenant-${index}`);
const server = await startRedis();
const nodeRedis = createClient({ url: server.url });
await nodeRedis.connect();
const ioRedis = new Redis(server.url);

const [{ default: Redlock }] = await importPeers('redlock');

try {
  await compareOn('redis', nodeRedis);
  await compareOn('ioredis', ioRedis);
} finally {
  nodeRedis.destroy();
  ioRedis.disconnect();
  await server.stop();
}

async function compareOn(name, client) {
  const store = createCredentialStore({ storage: redisBackend({ client }) });
  const backend = redisBackend({ client, prefix: 'bare:' });
  const text = JSON.stringify(sampleCredentials());
  let count = 0;
  const eachTenant = (update) => () =>
    Promise.all(
      tenants.map(async (tenant) => {
        for (let done = 0; done < updates; done += 1) await update(tenant);
      }),
    );
  await Promise.all(tenants.map((tenant) => store.entry(tenant).set(sampleCredentials())));
  const contenders = [
    {
      name: 'GET, SET',
      run: eachTenant(async (tenant) => {
        await client.get(tenant);
        await client.set(tenant, `${text}${(count += 1)}`);
      }),
    },
    {
      name: 'shelflife/redis: get, compareAndSet',
      run: eachTenant(async (tenant) => {
        const value = await backend.get(tenant);
        await backend.compareAndSet(tenant, value, `${text}${(count += 1)}`);
      }),
    },
    {
      name: ours,
      run: eachTenant((tenant) =>
        store.entry(tenant).update((current) => ({ ...current, count: (count += 1) })),
      ),
    },
    ...(name === 'ioredis' ? [{ name: 'redlock around GET, SET', run: eachTenant(updateUnderRedlock) }] : []),
  ];
  const redlock = new Redlock([client]);
  async function updateUnderRedlock(tenant) {
    const lock = await redlock.lock(`lock:${tenant}`, 5000);
    await client.get(tenant);
    await client.set(tenant, `${text}${(count += 1)}`);
    await lock.unlock();
  }

  await compare(`Updates by ${callers} callers in Redis, by the package ${name}`, contenders, {
    rounds: 15,
    operations: callers * updates,
    goals: [{ text: 'at least 0.6 × the speed of GET, SET', of: ours, against: 'GET, SET', most: 1 / 0.6 }],
  });
  await store.close();
}
