/**
 * A script that signs in once, and keeps its tokens in a file between runs:
 *
 *   node examples/node-script/main.mjs <issuer> [directory]
 *
 * AUTHORIZATION_SERVER can name the issuer instead. Without a directory the tokens go where the platform keeps the
 * state of applications.
 */
import { createCredentialStore, fromTokenResponse, isShelflifeError } from 'shelflife';
import { fileBackend } from 'shelflife/file';
import { createOAuthClient } from '../createOAuthClient.mjs';

const [issuer = process.env.AUTHORIZATION_SERVER, directory] = process.argv.slice(2);
if (!issuer) {
  console.error('Usage: node examples/node-script/main.mjs <issuer> [directory]');
  process.exit(2);
}

let client;
const store = createCredentialStore({
  storage: fileBackend(directory ? { directory } : { app: 'shelflife-example' }),
  leeway: 1,
  refresh: (credentials, context) => {
    console.log('The access token has run out: refreshing.');
    return client.refresh(credentials, context);
  },
});
// Tokens belong to the server that issued them: one entry for each.
const session = store.entry(issuer);

try {
  await run();
} catch (error) {
  console.error(describe(error));
  process.exitCode = 1;
} finally {
  await store.close();
}

async function run() {
  client = await createOAuthClient({ issuer });
  const kept = await session.get();
  if (kept) {
    console.log(`An earlier run kept credentials, issued at ${kept.issued_at.toISOString()}.`);
  } else {
    console.log('No credentials are kept yet: signing in.');
    await signIn();
  }

  let response = await callProtectedResource();
  // Refused, and no other token is to be had: the session was ended before its time.
  if (response.status === 401) response = await signInAgain();
  const user = await response.json();
  console.log(`Hello, ${user.name}.`);

  const { status, expiresAt } = session.expiry.value;
  console.log(`The access token is ${status} until ${expiresAt?.toISOString()}.`);
}

async function signIn() {
  // The lifetime counts from when the answer was made: the time before the request is on the safe side.
  const issuedAt = new Date();
  const answer = await client.signIn(console.log);
  await session.set(fromTokenResponse(answer, { issuedAt }));
  console.log('Signed in. The credentials are kept for the next run.');
}

/** Sends the token, and once more with another where the server refuses it before its time. */
async function callProtectedResource() {
  try {
    return await client.userinfo(session);
  } catch (error) {
    if (!isShelflifeError(error) || error.name !== 'RefreshRejectedError') throw error;
    return signInAgain();
  }
}

async function signInAgain() {
  console.log('The session has ended at the server: signing in again.');
  await signIn();
  return client.userinfo(session);
}

function describe(error) {
  return isShelflifeError(error) ? `${error.name}: ${error.message}` : error.message;
}
