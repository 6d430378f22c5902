/**
 * A process that observes many deadlines in one way, and tells what it took: `node observeMany.mjs <way> <entries>`.
 * With `at once`, all of them fall due together after a while.
 */
import { importPeers } from './peers.mjs';

const [, , way, count, moment] = process.argv;
const entries = Number(count);
const collectGarbage = globalThis.gc;
const codec = { encode: JSON.stringify, decode: JSON.parse };
const wait = Math.max(1500, entries / 20);
const credentialsOf = (index) => ({
  access_token: `token-of-user-${index}`,
  issued_at: moment ? new Date(Date.now() + wait - 3_600_000) : new Date(),
  expires_in: moment ? 3600 : 3600 + (index % 3600),
});

let told = 0;
const tell = () => {
  told += 1;
};
const dueIn = (text) => {
  const { issued_at: issuedAt, expires_in: lifetime } = codec.decode(text);
  return new Date(issuedAt).getTime() + lifetime * 1000 - Date.now();
};
const preparations = {
  timers: prepareTimers,
  nanostores: prepareNanostores,
  rxjs: prepareRxjs,
  shelflife: prepareStore,
};
const observe = await preparations[way]();

let timers = 0;
const { setTimeout: arm, setInterval: armRepeatedly } = globalThis;
const counted =
  (set) =>
  (...parameters) => {
    timers += 1;
    return set(...parameters);
  };
globalThis.setTimeout = counted(arm);
globalThis.setInterval = counted(armRepeatedly);
collectGarbage();
const before = process.memoryUsage().heapUsed;
const started = performance.now();
const held = observe();
const microseconds = ((performance.now() - started) * 1000) / entries;
const observed = told;
const armed = timers;
globalThis.setTimeout = arm;
globalThis.setInterval = armRepeatedly;
collectGarbage();
const bytes = (process.memoryUsage().heapUsed - before) / entries;
const longestWait = moment ? await watchLoop() : undefined;
process.stdout.write(JSON.stringify({ microseconds, bytes, timers: armed, longestWait }));
process.exit(held.length === 0 ? 1 : 0);

async function watchLoop() {
  let longest = 0;
  let last = performance.now();
  while (told < observed + entries) {
    await new Promise((resolve) => arm(resolve, 1));
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }
  return longest * 1000;
}

function prepareTimers() {
  const texts = textsOf();
  return () => texts.map((text) => setTimeout(tell, dueIn(text)));
}

async function prepareNanostores() {
  const [{ atom }] = await importPeers('nanostores');
  const texts = textsOf();
  return () =>
    texts.map((text) => {
      const status = atom('fresh');
      const timer = setTimeout(() => status.set('expired'), dueIn(text));
      return [status.listen(tell), timer];
    });
}

async function prepareRxjs() {
  const [{ timer }] = await importPeers('rxjs');
  const texts = textsOf();
  return () => texts.map((text) => timer(dueIn(text)).subscribe(tell));
}

async function prepareStore() {
  const { createCredentialStore, memoryBackend } = await import('shelflife');
  const storage = memoryBackend();
  const seed = createCredentialStore({ storage, codec });
  for (let index = 0; index < entries; index += 1)
    await seed.entry(`user-${index}`).set(credentialsOf(index));
  await seed.close();
  const store = createCredentialStore({ storage, codec, leeway: 0 });
  const listener = ({ status }) => {
    if (status === 'expired') tell();
  };
  return () =>
    Array.from({ length: entries }, (_, index) => store.entry(`user-${index}`).expiry.subscribe(listener));
}

function textsOf() {
  return Array.from({ length: entries }, (_, index) => codec.encode(credentialsOf(index)));
}
