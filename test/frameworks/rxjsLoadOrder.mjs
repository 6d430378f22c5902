import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

// Loads the built package, RxJS and a polyfill of Symbol.observable in the order asked for, and says what `from` does.
const [folder, ...order] = process.argv.slice(2);
const load = (file) => import(pathToFileURL(join(folder, file)));
const loaders = {
  shelflife: () => load('shelflife.mjs'),
  rxjs: () => import('rxjs'),
  polyfill: async () => (Symbol.observable ??= Symbol('observable')),
};
const loaded = {};
for (const name of order) loaded[name] = await loaders[name]();

const { createCredentialStore, memoryBackend } = loaded.shelflife;
const { fakeClock } = await load('testing.mjs');
const clock = fakeClock();
const waiting = new Set();
const entry = createCredentialStore({
  storage: memoryBackend(),
  clock: {
    now: clock.now,
    setTimeout(run, milliseconds) {
      const handle = clock.setTimeout(() => {
        waiting.delete(handle);
        run();
      }, milliseconds);
      waiting.add(handle);
      return handle;
    },
    clearTimeout(handle) {
      waiting.delete(handle);
      clock.clearTimeout(handle);
    },
  },
}).entry();
await entry.set({ access_token: 'synthetic', issued_at: new Date(clock.now()), expires_in: 3600 });

const seen = [];
const subscription = loaded.rxjs.from(entry.expiry).subscribe(({ status }) => seen.push(status));
const atOnce = [...seen];
await clock.advance(3_540_000);
subscription.unsubscribe();
await clock.advance(60_000);
console.log(JSON.stringify({ atOnce, later: seen, armed: waiting.size }));
