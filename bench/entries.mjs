/** What does an entry cost: in bytes, to observe, to read, and where very many expire at once? */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { builds } from './builds.mjs';

const plainCodec = { encode: JSON.stringify, decode: JSON.parse };

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

const rounds = 5;
const figures = {
  'bytes of an entry that nobody touched': bytesUntouched,
  'bytes more when its expiry is observed, absent': bytesObservedAbsent,
  'bytes more when its expiry is observed': bytesObserved,
  'µs to observe an entry, in memory': microsecondsToObserve,
  'µs to read the value of an observed expiry': microsecondsToReadExpiry,
  'µs to read the value of an observed time left': microsecondsToReadTimeLeft,
  'µs of getAccessToken(), in memory': microsecondsOfAccessToken,
  'longest ms that 100,000 expiring at once block': longestBlock,
};

console.log('\nWhat an entry costs (the best of some rounds; µs of the processor)');
const compared = await builds();
for (const [figure, measure] of Object.entries(figures)) {
  const best = compared.map(() => Infinity);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, build] of compared.entries())
      best[index] = Math.min(best[index], await measure(build));
  }
  const told = compared.map(({ name }, index) => `${name} ${best[index].toFixed(best[index] < 100 ? 2 : 0)}`);
  console.log(`  ${figure.padEnd(50)} ${told.join(', ')}`);
}

async function bytesUntouched({ createCredentialStore, memoryBackend }) {
  const store = createCredentialStore({ storage: memoryBackend() });
  return bytesOf(100_000, (index) => store.entry(`user-${index}`));
}

async function bytesObservedAbsent({ createCredentialStore, memoryBackend }) {
  const store = createCredentialStore({ storage: memoryBackend() });
  return bytesToObserve(store);
}

async function bytesObserved(build) {
  return bytesToObserve(await filledStore(build, 20_000));
}

async function bytesToObserve(store) {
  const entries = Array.from({ length: 20_000 }, (_, index) => store.entry(`user-${index}`));
  const bytes = bytesOf(entries.length, (index) => entries[index].expiry.subscribe(() => {}));
  await store.close();
  return bytes;
}

async function microsecondsToObserve(build) {
  const store = await filledStore(build, 20_000);
  const entries = Array.from({ length: 20_000 }, (_, index) => store.entry(`user-${index}`));
  const started = processorTime();
  for (const entry of entries) entry.expiry.subscribe(() => {});
  const elapsed = processorTime() - started;
  await store.close();
  return elapsed / entries.length;
}

async function microsecondsToReadExpiry(build) {
  const store = await filledStore(build, 1);
  return microsecondsPerValue(store, store.entry('user-0').expiry);
}

async function microsecondsToReadTimeLeft(build) {
  const store = await filledStore(build, 1);
  return microsecondsPerValue(store, store.entry('user-0').timeLeft());
}

async function microsecondsPerValue(store, signal) {
  signal.subscribe(() => {});
  const reads = 500_000;
  let changes = 0;
  let last = signal.value;
  const started = processorTime();
  for (let read = 0; read < reads; read += 1) {
    const { value } = signal;
    if (value !== last) changes += 1;
    last = value;
  }
  const elapsed = processorTime() - started;
  await store.close();
  if (changes > reads / 10) throw new Error('The value changed all the time.');
  return elapsed / reads;
}

async function microsecondsOfAccessToken(build) {
  const store = await filledStore(build, 1);
  const entry = store.entry('user-0');
  const calls = 20_000;
  await entry.getAccessToken();
  const started = processorTime();
  for (let call = 0; call < calls; call += 1) await entry.getAccessToken();
  const elapsed = processorTime() - started;
  await store.close();
  return elapsed / calls;
}

/** How long others had to wait for their turn, at most, while the entries told that they expired. */
async function longestBlock(build) {
  const entries = 100_000;
  let ahead = 0;
  const clock = {
    now: () => Date.now() + ahead,
    setTimeout: (run, milliseconds) => setTimeout(() => run(), Math.min(milliseconds, 20)),
    clearTimeout: (timer) => clearTimeout(timer),
  };
  const store = await filledStore(build, entries, { clock, codec: plainCodec });
  let expired = 0;
  const listener = ({ status }) => {
    if (status === 'expired') expired += 1;
  };
  for (let index = 0; index < entries; index += 1) store.entry(`user-${index}`).expiry.subscribe(listener);
  collectGarbage();
  ahead = 3_600_000;
  let longest = 0;
  let last = performance.now();
  while (expired < entries) {
    await new Promise((resolve) => setImmediate(resolve));
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }
  await store.close();
  return longest;
}

/** A store over as many records, none of which it has read. */
async function filledStore({ createCredentialStore, memoryBackend }, entries, options = {}) {
  const storage = memoryBackend();
  const seed = createCredentialStore({ ...options, storage });
  const issued_at = new Date();
  for (let index = 0; index < entries; index += 1) {
    const access_token = `token-of-user-${index}`;
    await seed.entry(`user-${index}`).set({ access_token, issued_at, expires_in: 3600 });
  }
  await seed.close();
  return createCredentialStore({ ...options, storage });
}

/** Microseconds that the processor worked for this process: other processes don't count. */
function processorTime() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function bytesOf(count, create) {
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  const held = Array.from({ length: count }, (_, index) => create(index));
  collectGarbage();
  const bytes = (process.memoryUsage().heapUsed - before) / held.length;
  held.length = 0;
  return bytes;
}
