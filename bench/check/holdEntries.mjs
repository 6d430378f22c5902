// Tells what entries hold on the heap, in multiples of 8 bytes, and the timers that observing them arms.
import { createCredentialStore, memoryBackend } from 'shelflife';

const codec = { encode: JSON.stringify, decode: JSON.parse };
const credentialsOf = (index) => ({
  access_token: `token-${index}`,
  issued_at: new Date(),
  expires_in: 3600 + index,
});

process.stdout.write(
  JSON.stringify({
    untouched: await bytesUntouched(),
    observed: await bytesObserved(),
    timers: await timersArmed(),
  }),
);
process.exit();

async function bytesUntouched() {
  const store = createCredentialStore({ storage: memoryBackend() });
  return bytesOf(50_000, (index) => store.entry(`user-${index}`));
}

async function bytesObserved() {
  const store = await filledStore(10_000);
  return bytesOf(10_000, (index) => store.entry(`user-${index}`).expiry.subscribe(() => {}));
}

async function timersArmed() {
  const store = await filledStore(1000);
  const { setTimeout: arm, clearTimeout: disarm } = globalThis;
  const armed = new Set();
  globalThis.setTimeout = (run, ...parameters) => {
    const timer = arm(
      () => {
        armed.delete(timer);
        run();
      },
      ...parameters,
    );
    armed.add(timer);
    return timer;
  };
  globalThis.clearTimeout = (timer) => {
    armed.delete(timer);
    disarm(timer);
  };
  for (let index = 0; index < 1000; index += 1) store.entry(`user-${index}`).expiry.subscribe(() => {});
  await new Promise((resolve) => arm(resolve, 50));
  Object.assign(globalThis, { setTimeout: arm, clearTimeout: disarm });
  return armed.size;
}

async function filledStore(entries) {
  const storage = memoryBackend();
  const seed = createCredentialStore({ storage, codec });
  for (let index = 0; index < entries; index += 1)
    await seed.entry(`user-${index}`).set(credentialsOf(index));
  await seed.close();
  return createCredentialStore({ storage, codec });
}

function bytesOf(count, create) {
  globalThis.gc();
  const before = process.memoryUsage().heapUsed;
  const held = Array.from({ length: count }, (_, index) => create(index));
  globalThis.gc();
  const bytes = (process.memoryUsage().heapUsed - before) / held.length;
  return Math.round(bytes / 8) * 8;
}
