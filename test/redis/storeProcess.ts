/** One store on Redis, as a process of its own: it observes tenants, and tells over IPC what it comes to. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster, Redis } from 'ioredis';
import { createClient, createCluster } from 'redis';
import { createCredentialStore, type Credentials } from '../../src/index.js';
import { redisBackend, type RedisClient } from '../../src/redis/redis.js';

export interface StoreProcessOptions {
  readonly package: 'redis' | 'ioredis';
  /** Of one server, or of the nodes of a cluster. */
  readonly ports: readonly number[];
  readonly tokenEndpoint: string;
  readonly clientId: string;
  /** How long an answer of the authorization server is on its way, in milliseconds. */
  readonly delay: number;
  /** From this one on, tokens last. */
  readonly lastGeneration: number;
}

export type StoreProcessMessage =
  | { readonly event: 'token'; readonly tenant: string; readonly token: string; readonly generation: number }
  | { readonly event: 'written'; readonly number: number }
  | { readonly event: 'unhandled'; readonly message: string };

export type StoreProcessCommand =
  | { readonly command: 'observe'; readonly tenants: readonly string[] }
  | { readonly command: 'count'; readonly tenant: string; readonly member: string }
  | { readonly command: 'stop' };

const options = JSON.parse(process.argv[2] ?? '') as StoreProcessOptions;
const tell = (message: StoreProcessMessage): void => void (process.connected && process.send?.(message));
process.on('unhandledRejection', (reason) => tell({ event: 'unhandled', message: String(reason) }));
process.on('uncaughtException', (error) => tell({ event: 'unhandled', message: String(error) }));
process.on('disconnect', () => process.exit(0));

async function connect(): Promise<RedisClient> {
  const [port = 0, ...more] = options.ports;
  if (options.package === 'redis') {
    const client = more.length
      ? createCluster({ rootNodes: options.ports.map((each) => ({ url: `redis://127.0.0.1:${each}` })) })
      : createClient({ socket: { host: '127.0.0.1', port, reconnectStrategy: 50 } });
    client.on('error', () => {});
    await client.connect();
    return client;
  }
  const client = more.length
    ? new Cluster(
        options.ports.map((each) => ({ host: '127.0.0.1', port: each })),
        { clusterRetryStrategy: () => 50, slotsRefreshInterval: 500 },
      )
    : new Redis({ host: '127.0.0.1', port, retryStrategy: () => 50 });
  client.on('error', () => {});
  return client;
}

/** Counts the refreshes in the credentials themselves. */
async function refresh(credentials: Credentials): Promise<Credentials> {
  const response = await fetch(options.tokenEndpoint, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: options.clientId,
      refresh_token: credentials.refresh_token ?? '',
    }),
  });
  const answer = (await response.json()) as Credentials;
  if (!response.ok) throw Object.assign(new Error('The server refused.'), { error: answer['error'] });
  await sleep(options.delay);
  const generation = Number(credentials['generation'] ?? 0) + 1;
  return { ...answer, ...(generation >= options.lastGeneration && { expires_in: 3600 }), generation };
}

async function main(): Promise<void> {
  const store = createCredentialStore({
    storage: redisBackend({ client: await connect() }),
    refresh,
    timeout: 3000,
    // Redis is down now and then; what comes of it is what the test is about.
    onError: () => {},
  });
  let isStopped = false;

  const observe = (tenant: string): void =>
    void store.entry(tenant).credentials.subscribe((value) => {
      if (!value?.access_token) return;
      const generation = Number(value['generation'] ?? 0);
      tell({ event: 'token', tenant, token: value.access_token, generation });
    });

  /** Writes one number after the other, and tells each that was acknowledged. */
  const count = async (tenant: string, member: string): Promise<void> => {
    for (let number = 1; !isStopped; number += 1) {
      try {
        await store.entry(tenant).update((current) => ({ ...current, [member]: number }));
        tell({ event: 'written', number });
      } catch {
        await sleep(20);
      }
    }
  };

  process.on('message', (message: StoreProcessCommand) => {
    if (message.command === 'observe') for (const tenant of message.tenants) observe(tenant);
    if (message.command === 'count') void count(message.tenant, message.member);
    if (message.command === 'stop') isStopped = true;
  });
  process.send?.('ready');
}

void main();
