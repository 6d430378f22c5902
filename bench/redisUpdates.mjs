/** What do updates of 64 callers cost, each of an entry of its own in Redis, against a bare GET and SET by the same client? */
import { createClient } from 'redis';
import { createCredentialStore } from 'shelflife';
import { redisBackend } from 'shelflife/redis';
import { compare } from './compare.mjs';
import { sampleCredentials } from './sampleCredentials.mjs';
import { startRedis } from './startRedis.mjs';

const callers = 64;
const updates = 100;
const server = await startRedis();
const client = createClient({ url: server.url });
await client.connect();
const store = createCredentialStore({ storage: redisBackend({ client }) });
const tenants = Array.from({ length: callers }, (_, index) => `tenant-${index}`);

try {
  await Promise.all(tenants.map(prepare));
  await compare(`${updates} updates by each of ${callers} callers in Redis`, [
    { name: 'GET, JSON.parse, JSON.stringify, SET', run: () => Promise.all(tenants.map(updatePlainly)) },
    { name: 'shelflife/redis: update', run: () => Promise.all(tenants.map(update)) },
  ]);
} finally {
  await store.close();
  client.destroy();
  await server.stop();
}

async function prepare(tenant) {
  const credentials = { ...sampleCredentials(), count: 0 };
  await client.set(tenant, JSON.stringify(credentials));
  await store.entry(tenant).set(credentials);
}

async function updatePlainly(tenant) {
  for (let update = 0; update < updates; update += 1) {
    const current = JSON.parse(await client.get(tenant));
    await client.set(tenant, JSON.stringify({ ...current, count: current.count + 1 }));
  }
}

async function update(tenant) {
  const entry = store.entry(tenant);
  for (let update = 0; update < updates; update += 1)
    await entry.update((current) => ({ ...current, count: current.count + 1 }));
}
