/**
 * What do 10,000 tenants on one Redis cost: memory, connections, commands for a refresh, and telling many processes
 * of a change? The figures of docs/many-machines.md; the arithmetic there starts from them.
 */
import { createClient } from 'redis';
import { createCredentialStore } from 'shelflife';
import { redisBackend } from 'shelflife/redis';
import { sampleCredentials } from './sampleCredentials.mjs';
import { startRedis } from './startRedis.mjs';

const tenants = 10_000;
const listeners = 20;
const refreshes = 1000;
const atATime = 64;
const server = await startRedis();
const client = await connect();
const store = createCredentialStore({
  storage: redisBackend({ client }),
  refresh: async () => sampleCredentials(),
});

try {
  await report('memory', measureMemory);
  await report('connections', measureConnections);
  await report('a refresh', measureRefresh);
  await report(`${listeners} listeners`, measureFanOut);
} finally {
  await store.close();
  client.destroy();
  await server.stop();
}

async function measureMemory() {
  const before = await info('used_memory');
  const start = performance.now();
  await forEachTenant(tenants, (entry) => entry.set(sampleCredentials()));
  const seconds = (performance.now() - start) / 1000;
  const bytes = (await info('used_memory')) - before;
  const length = await client.strLen('shelflife:{shelflife:tenant-0}');
  const listing = performance.now();
  const listed = (await store.keys()).length;
  return {
    'bytes of a record': length,
    'bytes of memory for one': Math.round(bytes / tenants),
    'MB for all': (bytes / 1e6).toFixed(1),
    'sign-ins a second': Math.round(tenants / seconds),
    'keys listed': listed,
    'ms to list them': Math.round(performance.now() - listing),
  };
}

async function measureConnections() {
  const before = await info('connected_clients');
  const unsubscribe = store.entry('tenant-0').expiry.subscribe(() => {});
  await delay(500);
  const observing = await info('connected_clients');
  unsubscribe();
  await delay(500);
  return { 'of a process that observes nothing': before, 'that observes': observing };
}

async function measureRefresh() {
  await client.configResetStat();
  const start = performance.now();
  await forEachTenant(refreshes, (entry) => entry.refresh());
  const seconds = (performance.now() - start) / 1000;
  const stats = await client.info('commandstats');
  const perRefresh = (name) => {
    const [, calls = '0'] = new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(stats) ?? [];
    return (Number(calls) / refreshes).toFixed(1);
  };
  return {
    'refreshes a second': Math.round(refreshes / seconds),
    'GET, those in scripts too': perRefresh('get'),
    'SET, those in scripts too': perRefresh('set'),
    'scripts (EVALSHA)': perRefresh('evalsha'),
    PUBLISH: perRefresh('publish'),
  };
}

async function measureFanOut() {
  const clients = await Promise.all(Array.from({ length: listeners }, connect));
  let heard = 0;
  const ends = clients.map((each) => redisBackend({ client: each }).subscribe(() => (heard += 1)));
  await delay(500);
  heard = 0;
  const cpuBefore = await cpuSeconds();
  const start = performance.now();
  await forEachTenant(tenants, (entry) => entry.update((current) => ({ ...current, seen: true })));
  while (heard < tenants * listeners) await delay(10);
  const seconds = (performance.now() - start) / 1000;
  const cpu = (await cpuSeconds()) - cpuBefore;
  for (const end of ends) end();
  for (const each of clients) each.destroy();
  return {
    writes: tenants,
    'hints delivered': heard,
    'hints a second': Math.round(heard / seconds),
    'microseconds of the server for a write with its hints': Math.round((cpu / tenants) * 1e6),
  };
}

async function forEachTenant(count, work) {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(store.entry(`tenant-${next++}`));
  };
  await Promise.all(Array.from({ length: atATime }, worker));
}

async function connect() {
  const connected = createClient({ url: server.url });
  connected.on('error', console.error);
  await connected.connect();
  return connected;
}

async function info(name) {
  const [, value] = new RegExp(`^${name}:(\\d+)`, 'm').exec(await client.info()) ?? [];
  return Number(value);
}

async function cpuSeconds() {
  const text = await client.info('cpu');
  const of = (name) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(text)?.[1]);
  return of('used_cpu_user') + of('used_cpu_sys');
}

async function report(title, measure) {
  console.log(`\n${title}`);
  for (const [name, value] of Object.entries(await measure())) console.log(`  ${name}: ${value}`);
}

function delay(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
