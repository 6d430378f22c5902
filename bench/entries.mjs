/** What does an entry cost: in bytes, to observe, to read, and where very many expire at once? */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { builds } from './builds.mjs';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

const rounds = 3;
const figures = {
  'bytes of an entry that nobody touched': bytesUntouched,
  'bytes of an observed entry': bytesObserved,
  'µs to observe an entry, in memory': microsecondsToObserve,
  'µs to read an observed value': microsecondsToRead,
  'µs to read the value of an observed time left': microsecondsToReadTimeLeft,
  'longest ms that 100,000 expiring at once block': longestBlock,
};

console.log('\nWhat an entry costs');
const compared = await builds();
for (const [figure, measure] of Object.entries(figures)) {
  const best = compared.map(() => Infinity);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, build] of compared.entries())
      best[index] = Math.min(best[index], await measure(build));
  }
  const told = compared.map(({ name }, index) => `${name} ${best[index].toFixed(best[index] < 10 ? 3 : 0)}`);
  console.log(`  ${figure.padEnd(50)} ${told.join(', ')}`);
}

async function bytesUntouched({ createCredentialStore, memoryBackend }) {
  const store = createCredentialStore({ storage: memoryBackend() });
  return bytesOf(100_000, (index) => store.entry(`user-${index}`));
}

async function bytesObserved(build) {
  const { store } = await filledStore(build, 20_000);
  return bytesOf(20_000, (index) => store.entry(`user-${index}`).expiry.subscribe(() => {}));
}

async function microsecondsToObserve(build) {
  const { store } = await filledStore(build, 20_000);
  const entries = Array.from({ length: 20_000 }, (_, index) => store.entry(`user-${index}`));
  const started = performance.now();
  for (const entry of entries) entry.expiry.subscribe(() => {});
  const elapsed = performance.now() - started;
  await store.close();
  return (elapsed * 1000) / entries.length;
}

async function microsecondsToRead(build) {
  const { store } = await filledStore(build, 1);
  return microsecondsPerValue(store, store.entry('user-0').expiry);
}

async function microsecondsToReadTimeLeft(build) {
  const { store } = await filledStore(build, 1);
  return microsecondsPerValue(store, store.entry('user-0').timeLeft());
}

async function microsecondsPerValue(store, signal) {
  signal.subscribe(() => {});
  const reads = 1_000_000;
  let different = 0;
  let last = signal.value;
  const started = performance.now();
  for (let read = 0; read < reads; read += 1) {
    const { value } = signal;
    if (value !== last) different += 1;
    last = value;
  }
  const elapsed = performance.now() - started;
  await store.close();
  if (different > reads / 10) throw new Error('The value changed all the time.');
  return (elapsed * 1000) / reads;
}

/** How long timers of others had to wait, at most, while the entries told that they expired. */
async function longestBlock(build) {
  const expiresAt = Date.now() + 4000;
  const entries = 100_000;
  const { store } = await filledStore(build, entries, expiresAt);
  let expired = 0;
  const listener = ({ status }) => {
    if (status === 'expired') expired += 1;
  };
  for (let index = 0; index < entries; index += 1) store.entry(`user-${index}`).expiry.subscribe(listener);
  collectGarbage();
  let longest = 0;
  let last = performance.now();
  while (expired < entries) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    const now = performance.now();
    // From the beginning of what expires on.
    if (expired > 0) longest = Math.max(longest, now - last);
    last = now;
  }
  await store.close();
  return longest;
}

async function filledStore({ createCredentialStore, memoryBackend }, entries, expiresAt) {
  const storage = memoryBackend();
  const codec = { encode: JSON.stringify, decode: JSON.parse };
  const issued_at = new Date(expiresAt === undefined ? Date.now() : expiresAt - 3_600_000);
  const records = new Map();
  const credentials = (index) => ({ access_token: `token-of-user-${index}`, issued_at, expires_in: 3600 });
  const seed = createCredentialStore({ storage, codec });
  for (let index = 0; index < entries; index += 1)
    records.set(index, seed.entry(`user-${index}`).set(credentials(index)));
  await Promise.all(records.values());
  await seed.close();
  return { storage, store: createCredentialStore({ storage, codec }) };
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
