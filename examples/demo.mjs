/**
 * `npm run demo`: tokens from a real authorization server, kept in a real file, refreshed as they expire.
 *
 * It starts from a fresh clone, so it imports nothing but Node until the packages are installed and built.
 * With `--built` it takes the build that is there.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installPackages } from '../test/installPackages.mjs';
import { runQuietly } from '../test/runQuietly.mjs';

const accessTokenLifetime = 10;
const leeway = 3;
const patience = 60_000;
const root = fileURLToPath(new URL('../', import.meta.url));
const started = Date.now();
const cleanUps = [];

try {
  await installAndBuild();
  const { server, client } = await startServer();
  const directory = await makeDirectory();
  const { store, session } = await openStore(directory, client);
  await signIn(session, client, directory);
  await readBackInAnotherProcess(directory);
  await watchRefresh(session);
  askServer(server);
  await store.close();
  tell('Done', 'the directory is removed, the server is stopped');
} catch (error) {
  tell('Failed', error.message);
  process.exitCode = 1;
} finally {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp();
}

async function installAndBuild() {
  tell('Step 1 of 6', 'install and build');
  const detail = (text) => tell('', text);
  if (!(await installPackages(detail))) tell('', 'the npm packages are installed');
  if (process.argv.includes('--built') || (await buildIsCurrent())) {
    tell('', 'the package is built');
    return;
  }
  tell('', 'building');
  await runQuietly('npm', ['run', 'build'], { tell: detail, directory: root });
}

async function buildIsCurrent() {
  const built = await modifiedAt(join(root, 'dist', 'index.js'));
  const sources = await readdir(join(root, 'src'), { recursive: true });
  const times = await Promise.all(sources.map((name) => modifiedAt(join(root, 'src', name))));
  return built > Math.max(...times);
}

async function modifiedAt(path) {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}

async function startServer() {
  const { startAuthorizationServer } = await import('./authorization-server/startAuthorizationServer.mjs');
  const { createOAuthClient } = await import('./createOAuthClient.mjs');
  const server = await startAuthorizationServer({ accessTokenLifetime });
  cleanUps.push(() => server.close());
  tell('Step 2 of 6', `an authorization server (oidc-provider) listens at ${server.issuer}`);
  return { server, client: await createOAuthClient(server) };
}

async function makeDirectory() {
  const parent = await mkdtemp(join(tmpdir(), 'shelflife-demo-'));
  cleanUps.push(() => rm(parent, { recursive: true, force: true }));
  return join(parent, 'credentials');
}

async function openStore(directory, client) {
  const { createCredentialStore } = await import('shelflife');
  const { fileBackend } = await import('shelflife/file');
  const store = createCredentialStore({
    storage: fileBackend({ directory }),
    leeway,
    refresh: (credentials, context) => client.refresh(credentials, context),
    onError: (error) => tell('', `${error.name}: ${error.message}`),
  });
  cleanUps.push(() => store.close());
  return { store, session: store.entry() };
}

async function signIn(session, client, directory) {
  const { fromTokenResponse } = await import('shelflife');
  tell('Step 3 of 6', 'signing in (device authorization grant; this server approves by itself)');
  const issuedAt = new Date();
  await session.set(fromTokenResponse(await client.signIn(() => {}), { issuedAt }));
  tell('', `tokens that last ${accessTokenLifetime} s are kept below ${directory}`);
}

async function readBackInAnotherProcess(directory) {
  tell('Step 4 of 6', 'a second process reads them back');
  const reader = fileURLToPath(new URL('demo/readBack.mjs', import.meta.url));
  const child = spawn(process.execPath, [reader, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  for (const line of output.trimEnd().split('\n')) tell('', line);
  assert(code === 0, `The second process ended with exit code ${code}.`);
}

async function watchRefresh(session) {
  tell('Step 5 of 6', `watching: refreshed ${leeway} s before they expire`);
  const before = await session.get();
  let shown;
  const subscription = session.expiry.subscribe(({ status }) => {
    if (status !== shown) tell('', status);
    shown = status;
  });
  const signal = AbortSignal.timeout(patience);
  await session.until('expiring', { signal });
  await session.until('fresh', { signal });
  subscription.unsubscribe();

  const after = await session.get();
  assert(after.access_token !== before.access_token, 'The access token is still the old one.');
  assert(after.refresh_token !== before.refresh_token, 'The refresh token is still the old one.');
  tell('', `refreshed: new tokens, issued at ${after.issued_at.toISOString()}`);
}

function askServer({ counters }) {
  assert(counters.refreshes === 1 && counters.refusals === 0, 'The server saw more than one refresh.');
  tell('Step 6 of 6', 'the server saw one refresh, and each refresh token once');
}

function assert(condition, message) {
  if (!condition) throw new Error(message);
}

function tell(step, text) {
  const elapsed = ((Date.now() - started) / 1000).toFixed(1).padStart(5);
  console.log(`${elapsed} s  ${step.padEnd(11)}  ${text}`);
}
