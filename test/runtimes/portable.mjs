// What every runtime has to do, in one script: portable.mjs [job argument…]. Without a job it runs all checks and
// ends with a line of JSON. COMMAND, a list in JSON, says how this runtime is started.
import { spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import * as shelflife from 'shelflife';
import { fileBackend } from 'shelflife/file';
import { indexedDBBackend } from 'shelflife/indexeddb';
import { localStorageBackend } from 'shelflife/local-storage';
import { fakeClock, testBackend } from 'shelflife/testing';

const { createCredentialStore, expiryOf, fromTokenResponse, memoryBackend, parseCredentials } = shelflife;
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const say = (line) => process.stdout.write(`${line}\n`);
const lasting = (seconds, members) => ({
  access_token: 'first',
  refresh_token: 'r1',
  issued_at: new Date(),
  expires_in: seconds,
  ...members,
});

/** What this script does when it is started as a second process. */
const jobs = {
  async count(directory, times) {
    const store = createCredentialStore({ storage: fileBackend({ directory }), timeout: 30_000 });
    for (let i = 0; i < Number(times); i++)
      await store.entry('counter').update((current) => ({ count: (current?.count ?? 0) + 1 }));
    await store.close();
  },
  async set(directory, token) {
    const store = createCredentialStore({ storage: fileBackend({ directory }) });
    await store.entry().set(lasting(3600, { access_token: token }));
    await store.close();
  },
  async getToken(directory, log) {
    const store = createCredentialStore({
      storage: fileBackend({ directory }),
      refresh: async ({ refresh_token: refreshToken }) => {
        appendFileSync(log, `${refreshToken}\n`);
        await sleep(200);
        return { access_token: 'second', refresh_token: 'r2', expires_in: 3600 };
      },
    });
    say(await store.entry().getAccessToken());
    await store.close();
  },
  async holdLease(directory) {
    const store = createCredentialStore({
      storage: fileBackend({ directory }),
      refresh: () => {
        say('refreshing');
        return new Promise(() => {});
      },
    });
    await store.entry().refresh();
  },
  /** Observes everything, and ends by having nothing more to do. */
  async leave(directory) {
    const storage = directory === 'memory' ? memoryBackend() : fileBackend({ directory });
    const store = createCredentialStore({ storage, refresh: () => Promise.reject(new Error('503')) });
    const entry = store.entry();
    await entry.set(lasting(3600));
    for (const signal of [entry.expiry, entry.credentials, entry.timeLeft(), store.health])
      signal.subscribe(() => {});
    entry.expirySignal();
    // One that waits to try its refresh again, too.
    await store.entry('queued').set({ access_token: 'queued' });
    store.entry('queued').expiry.subscribe(() => {});
    await sleep(300);
    say(`last line ${Date.now()}`);
  },
  async throwInListener() {
    const entry = createCredentialStore({ storage: memoryBackend() }).entry();
    entry.expiry.subscribe(() => {
      throw new Error('from a listener');
    });
    await sleep(50);
    say('still here');
  },
  importQuietly() {
    say('imported');
  },
};

/** Starts this script as another process; resolves when it has ended. */
function start(...args) {
  const [command, ...before] = JSON.parse(process.env.COMMAND);
  const child = spawn(command, [...before, fileURLToPath(import.meta.url), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  const listeners = new Set();
  child.stdout.on('data', (data) => {
    said.out += data;
    for (const listener of listeners) listener();
  });
  child.stderr.on('data', (data) => (said.err += data));
  const ended = new Promise((resolve) => {
    child.on('close', (code, signal) => resolve({ code: signal ?? code, at: Date.now(), ...said }));
  });
  const says = (text) =>
    new Promise((resolve) => {
      const look = () => said.out.includes(text) && resolve();
      listeners.add(look);
      look();
    });
  return { child, ended, says };
}

async function startAndSucceed(...args) {
  const outcome = await start(...args).ended;
  assert.equal(outcome.code, 0, `${args[0]} ended with ${outcome.code}: ${outcome.err}`);
  return outcome;
}

const checks = [];
const check = (title, run) => checks.push({ title, run });
const cleanUps = [];
async function makeDirectory() {
  const parent = await mkdtemp(join(tmpdir(), 'shelflife-portable-'));
  cleanUps.push(() => rm(parent, { recursive: true, force: true }));
  return join(parent, 'credentials');
}

check('the model: null, absent, dates and unknown members survive a round trip', async () => {
  const entry = createCredentialStore({ storage: memoryBackend() }).entry();
  const members = { refresh_token: null, nested: { at: new Date(5), none: null }, scope: 'a b' };
  await entry.set({
    access_token: 'a',
    issued_at: '2026-01-02T03:04:05.678+01:00',
    expires_in: '60',
    ...members,
  });
  const found = await entry.get();
  assert.deepEqual(
    { ...found },
    {
      access_token: 'a',
      issued_at: new Date('2026-01-02T02:04:05.678Z'),
      expires_in: 60,
      ...members,
    },
  );
  assert.ok(Object.isFrozen(found) && Object.isFrozen(found.nested));
});
check('the model: what is no credential is refused by name, without its value', () => {
  const inputs = [{ expires_in: -1 }, { issued_at: '2026-02-30T00:00:00Z' }, { access_token: null }, []];
  for (const input of inputs)
    assert.throws(() => parseCredentials(input), { name: 'InvalidCredentialsError' });
});
check('the model: an answer of a token endpoint is stamped', () => {
  const { issued_at: issuedAt } = fromTokenResponse({ access_token: 'a', expires_in: 60 });
  assert.ok(Math.abs(Date.now() - issuedAt.getTime()) < 1000);
});
check('expiry: a pure function of record and time', () => {
  const now = Date.now();
  const status = (credentials) => expiryOf(credentials, { now }).status;
  assert.equal(status(undefined), 'absent');
  assert.equal(status({ access_token: 'a' }), 'queued');
  assert.equal(status({ access_token: 'a', expires_in: null }), 'fresh');
  assert.equal(status(lasting(3600)), 'fresh');
  assert.equal(status(lasting(3600, { issued_at: new Date(now - 3_590_000) })), 'expiring');
  assert.equal(status(lasting(3600, { issued_at: new Date(now - 3_600_000) })), 'expired');
});
check('expiry: each transition arrives once, in real time', async () => {
  const entry = createCredentialStore({ storage: memoryBackend() }).entry();
  const startedAt = Date.now();
  await entry.set(lasting(2));
  const seen = [];
  entry.expiry.subscribe(({ status }) => seen.push(status));
  const signal = entry.expirySignal();
  await entry.until('expiring');
  await entry.until('expired');
  const elapsed = Date.now() - startedAt;
  assert.ok(elapsed > 1900 && elapsed < 3500, `it took ${elapsed} ms`);
  assert.deepEqual(seen, ['fresh', 'expiring', 'expired']);
  assert.equal(entry.timeLeft().value, 0);
  assert.equal(signal.aborted, true);
  assert.equal(signal.reason.name, 'CredentialsExpiredError');
});
check('expiry: an observed entry is refreshed by itself, in real time', async () => {
  let number = 0;
  const store = createCredentialStore({
    storage: memoryBackend(),
    refresh: async () => ({ access_token: `refreshed ${++number}`, expires_in: number < 3 ? 1 : 3600 }),
  });
  const entry = store.entry();
  await entry.set(lasting(1));
  for await (const credentials of entry.credentials) if (credentials?.access_token === 'refreshed 3') break;
  assert.equal(number, 3);
  await store.close();
});
check('expiry: lifetimes of 25 days to 100 years neither fire early nor warn', async () => {
  const warnings = [];
  const warn = (warning) => warnings.push(String(warning));
  process.on('warning', warn);
  const store = createCredentialStore({ storage: memoryBackend() });
  const seen = [];
  for (const days of [25, 400, 36_525]) {
    await store.entry(String(days)).set(lasting(days * 86_400));
    store.entry(String(days)).expiry.subscribe(({ status }) => seen.push(status));
  }
  await sleep(300);
  process.off('warning', warn);
  await store.close();
  assert.deepEqual(seen, ['fresh', 'fresh', 'fresh']);
  assert.deepEqual(warnings, []);
});
check('expiry: a fake clock drives it', async () => {
  const clock = fakeClock();
  const entry = createCredentialStore({ storage: memoryBackend(), clock }).entry();
  await entry.set(lasting(100, { issued_at: new Date(clock.now()) }));
  const seen = [];
  entry.expiry.subscribe(({ status }) => seen.push(status));
  await clock.advance(100_000);
  assert.deepEqual(seen, ['fresh', 'expiring', 'expired']);
});

check('file: what is written is read by another store, in private files', async () => {
  const directory = await makeDirectory();
  const write = createCredentialStore({ storage: fileBackend({ directory }) });
  await write.entry('a').set(lasting(60, { emoji: 'päß🔑' }));
  await write.close();
  const store = createCredentialStore({ storage: fileBackend({ directory }) });
  assert.equal((await store.entry('a').get()).emoji, 'päß🔑');
  assert.deepEqual(await store.keys(), ['a']);
  assert.equal(store.health.value.status, 'ok');
  assert.equal(statSync(directory).mode & 0o777, 0o700);
  for (const file of readdirSync(directory))
    assert.equal(statSync(join(directory, file)).mode & 0o777, 0o600);
  await store.entry('a').delete();
  assert.equal(await store.entry('a').get(), undefined);
  await store.close();
  assert.deepEqual(readdirSync(directory), []);
});
check('file: a damaged record is an error, and is set aside by the next set', async () => {
  const directory = await makeDirectory();
  const store = createCredentialStore({ storage: fileBackend({ directory }) });
  const entry = store.entry();
  await entry.set(lasting(60));
  const [file] = readdirSync(directory).filter((name) => name.endsWith('.json'));
  writeFileSync(join(directory, file), '{"torn');
  await assert.rejects(entry.get(), { name: 'CorruptRecordError' });
  await entry.set(lasting(60));
  const [damaged] = readdirSync(directory).filter((name) => name.endsWith('.damaged'));
  assert.equal(readFileSync(join(directory, damaged), 'utf8'), '{"torn');
  await store.close();
});
check('file: a directory that cannot be made is a typed error that names it', async () => {
  const directory = await makeDirectory();
  writeFileSync(directory, 'a file');
  const store = createCredentialStore({ storage: fileBackend({ directory: join(directory, 'below') }) });
  const failure = await store
    .entry()
    .set(lasting(60))
    .catch((error) => error);
  assert.equal(failure.name, 'StorageUnavailableError');
  assert.ok(failure.message.includes(directory), failure.message);
  await store.close();
});
check('file: three other processes count on one key and lose nothing', async () => {
  const directory = await makeDirectory();
  await Promise.all(Array.from({ length: 3 }, () => startAndSucceed('count', directory, '20')));
  const store = createCredentialStore({ storage: fileBackend({ directory }) });
  assert.equal((await store.entry('counter').get()).count, 60);
  await store.close();
  assert.equal(readdirSync(directory).filter((name) => !name.endsWith('.json')).length, 0);
});
check('file: a write of another process reaches the signals', async () => {
  const directory = await makeDirectory();
  const store = createCredentialStore({ storage: fileBackend({ directory }) });
  const entry = store.entry();
  const heard = new Promise((resolve) => {
    entry.credentials.subscribe((value) => value?.access_token === 'theirs' && resolve(Date.now()));
  });
  await entry.set(lasting(3600));
  const { at } = await startAndSucceed('set', directory, 'theirs');
  assert.ok((await heard) - at < 3000);
  await store.close();
});
check('file: three processes that need a token make one refresh', async () => {
  const directory = await makeDirectory();
  const log = `${directory}.log`;
  const store = createCredentialStore({ storage: fileBackend({ directory }) });
  await store.entry().set(lasting(3600));
  await store.entry().invalidate();
  const outcomes = await Promise.all(
    Array.from({ length: 3 }, () => startAndSucceed('getToken', directory, log)),
  );
  for (const { out } of outcomes) assert.equal(out, 'second\n');
  assert.equal(readFileSync(log, 'utf8'), 'r1\n');
  await store.close();
});
check('file: a holder that is killed is followed within two seconds', async () => {
  const directory = await makeDirectory();
  const store = createCredentialStore({
    storage: fileBackend({ directory }),
    refresh: async () => ({ access_token: 'second', expires_in: 3600 }),
  });
  await store.entry().set(lasting(3600));
  const holder = start('holdLease', directory);
  await holder.says('refreshing');
  const refreshing = store.entry().refresh();
  await sleep(100);
  holder.child.kill('SIGKILL');
  const killedAt = Date.now();
  await holder.ended;
  assert.equal((await refreshing).access_token, 'second');
  assert.ok(Date.now() - killedAt < 2000);
  await store.close();
});
check('file: a holder that lives keeps its lease, and is named', async () => {
  const directory = await makeDirectory();
  const options = { timeout: 300, refreshTimeout: 300, refresh: async () => ({ access_token: 'second' }) };
  const store = createCredentialStore({ storage: fileBackend({ directory }), ...options });
  await store.entry().set(lasting(3600));
  const holder = start('holdLease', directory);
  await holder.says('refreshing');
  const failure = await store
    .entry()
    .refresh()
    .catch((error) => error);
  assert.equal(failure.name, 'TimeoutError');
  assert.ok(failure.message.includes(`process ${holder.child.pid}`), failure.message);
  holder.child.kill('SIGKILL');
  await holder.ended;
  await store.close();
});

const contract = [];
testBackend({
  name: 'file',
  create: async () => fileBackend({ directory: await makeDirectory() }),
  test: (title, run) => contract.push({ title: `file, the contract of backends: ${title}`, run }),
});

check('ends by itself with subscriptions open, on memory', () => endsByItself('memory'));
check('ends by itself with subscriptions open, on files', async () => endsByItself(await makeDirectory()));
async function endsByItself(directory) {
  const { out, at, err } = await startAndSucceed('leave', directory);
  const lived = at - Number(/last line (\d+)/.exec(out)?.[1]);
  assert.ok(lived < 1000, `it lived ${lived} ms after its last line`);
  assert.equal(err.replaceAll(/^.*ExperimentalWarning.*$/gm, '').trim(), '');
}
check('a listener that throws does not end the process', async () => {
  const { out, err } = await startAndSucceed('throwInListener');
  assert.ok(out.includes('still here'));
  assert.ok(err.includes('listener'), err);
});
check('importing every entry point says nothing', async () => {
  const { out, err } = await startAndSucceed('importQuietly');
  assert.deepEqual({ out, err }, { out: 'imported\n', err: '' });
});
check('browser storage works where this runtime has it, else is a typed error', async () => {
  for (const storage of [indexedDBBackend(), localStorageBackend()]) {
    const store = createCredentialStore({ storage });
    const entry = store.entry('runtimes');
    assert.equal(storage.lease, undefined, 'a lock that ends at the process was taken for one across tabs');
    try {
      await entry.set(lasting(60));
      assert.equal((await entry.get()).access_token, 'first');
      await entry.delete();
    } catch (error) {
      assert.equal(error.name, 'StorageUnavailableError');
    }
    await store.close();
  }
});
check('the errors are recognized, and show no token', async () => {
  const store = createCredentialStore({
    storage: memoryBackend(),
    refresh: () =>
      Promise.reject(Object.assign(new Error('secret-refresh-token'), { error: 'invalid_grant' })),
  });
  await store.entry().set({ access_token: 'secret-access-token', refresh_token: 'secret-refresh-token' });
  const failure = await store
    .entry()
    .refresh()
    .catch((error) => error);
  assert.equal(failure.name, 'RefreshRejectedError');
  assert.ok(shelflife.isShelflifeError(failure) && failure instanceof shelflife.RefreshRejectedError);
  const { inspect } = await import('node:util');
  assert.ok(!`${inspect(failure)} ${failure.stack}`.includes('secret-refresh-token'));
});

const [job, ...parameters] = process.argv.slice(2);
if (job) await jobs[job](...parameters);
else {
  mkdirSync(tmpdir(), { recursive: true });
  const results = [];
  for (const { title, run } of [...checks, ...contract]) {
    const startedAt = Date.now();
    let error;
    try {
      let timer;
      await Promise.race([
        run(),
        new Promise((_resolve, reject) => {
          timer = setTimeout(() => reject(new Error('took longer than 30 s')), 30_000);
        }),
      ]).finally(() => clearTimeout(timer));
    } catch (failure) {
      error = String(failure?.stack ?? failure);
    }
    results.push({ title, error, elapsed: Date.now() - startedAt });
  }
  for (const cleanUp of cleanUps) await cleanUp();
  say(JSON.stringify(results));
}
