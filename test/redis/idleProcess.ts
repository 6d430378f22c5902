/** A process that observes an entry in Redis, and lets its client go: nothing of the backend may hold it. */
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { createCredentialStore } from '../../src/index.js';
import { redisBackend } from '../../src/redis/redis.js';

async function main([name, port]: readonly string[]): Promise<void> {
  const options = { host: '127.0.0.1', port: Number(port) };
  const client = name === 'redis' ? createClient({ socket: options }) : new Redis(options);
  if ('isOpen' in client) await client.connect();
  const store = createCredentialStore({ storage: redisBackend({ client }) });
  store.entry().expiry.subscribe(() => {});
  await store.entry().set({ access_token: 'synthetic', expires_in: null });
  await new Promise((resolve) => setTimeout(resolve, 300));
  if ('isOpen' in client) client.destroy();
  else client.disconnect();
  process.stdout.write('let go');
}

void main(process.argv.slice(2));
