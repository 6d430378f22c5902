/**
 * Watches tokens age, and be refreshed in time:
 *
 *   node examples/observe-expiry/main.mjs <issuer>
 *
 * Ends after the first refresh. With short-lived tokens there is more to see:
 *
 *   node examples/authorization-server/main.mjs 9000 10
 *   node examples/observe-expiry/main.mjs http://127.0.0.1:9000
 */
import { createCredentialStore, fromTokenResponse, memoryBackend } from 'shelflife';
import { createOAuthClient } from '../createOAuthClient.mjs';

const [issuer = process.env.AUTHORIZATION_SERVER] = process.argv.slice(2);
if (!issuer) {
  console.error('Usage: node examples/observe-expiry/main.mjs <issuer>');
  process.exit(2);
}

const client = await createOAuthClient({ issuer });
const store = createCredentialStore({
  storage: memoryBackend(),
  leeway: 3,
  refresh: (credentials, context) => client.refresh(credentials, context),
  onError: (error) => console.error(`${error.name}: ${error.message}`),
});
const session = store.entry();

session.expiry.subscribe(({ status, expiresAt, refreshing }) => {
  const deadline = expiresAt ? `, expires at ${expiresAt.toISOString()}` : '';
  console.log(`${status}${deadline}${refreshing ? ', refreshing' : ''}`);
});
session.timeLeft().subscribe((seconds) => {
  if (seconds !== null) console.log(`  ${seconds} s left`);
});

const issuedAt = new Date();
await session.set(fromTokenResponse(await client.signIn(console.log), { issuedAt }));

// A subscription keeps no process alive; waiting for a status does.
await session.until('expiring');
await session.until('fresh');
console.log('Refreshed in time.');
await store.close();
