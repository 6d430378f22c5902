// One store on a directory, as a process of its own, commanded over IPC: fork(storeProcess.mjs, [options as JSON])
import { setTimeout as sleep } from 'node:timers/promises';
// Bundled by startStoreProcess.ts, beside a copy of this file.
import { createCredentialStore } from './index.mjs';
import { fileBackend } from './file.mjs';

const { directory, tokenEndpoint, clientId, ...storeOptions } = JSON.parse(process.argv[2]);
const tell = (event) => process.connected && process.send({ at: Date.now(), ...event });
const summarize = ({ name, message, code, retryable }) => ({ name, message, code, retryable });

process.on('unhandledRejection', (reason) => tell({ event: 'unhandled', message: String(reason) }));
process.on('uncaughtException', (error) => tell({ event: 'unhandled', message: String(error) }));
process.on('disconnect', () => process.exit(0));

const settings = {
  holdBefore: false,
  holdAfter: false,
  holdWrites: false,
  delay: 0,
  lastGeneration: Infinity,
};
let goOn = () => {};
const hold = () =>
  new Promise((resolve) => {
    goOn = resolve;
  });

async function askServer({ refresh_token: refreshToken }, signal) {
  const response = await fetch(tokenEndpoint, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: clientId,
      refresh_token: refreshToken,
    }),
    // A store that gives up would otherwise take the answer with it.
    signal: settings.holdAfter ? undefined : signal,
  });
  const answer = await response.json();
  if (!response.ok) throw Object.assign(new Error(answer.error_description), { error: answer.error });
  return answer;
}

/** Counts the refreshes in the credentials themselves; from the last generation on, they last. */
async function refresh(credentials, { signal }) {
  tell({ event: 'refreshing' });
  if (settings.holdBefore) await hold();
  const answer = await askServer(credentials, signal);
  tell({ event: 'answered', token: answer.access_token });
  if (settings.holdAfter) await hold();
  if (settings.delay) await sleep(settings.delay);
  const generation = (credentials.generation ?? 0) + 1;
  const lasts = generation >= settings.lastGeneration ? { expires_in: 3600 } : {};
  return { ...answer, ...lasts, generation };
}

const files = fileBackend({ directory });
/** The file backend, with a place to hold between what a store read and what it writes on that. */
const storage = {
  name: files.name,
  scope: files.scope,
  persistent: files.persistent,
  get: (key) => files.get(key),
  async compareAndSet(key, expected, next) {
    if (settings.holdWrites) {
      tell({ event: 'writing' });
      await hold();
    }
    const isWritten = await files.compareAndSet(key, expected, next);
    if (settings.holdWrites) tell({ event: isWritten ? 'accepted' : 'refused' });
    return isWritten;
  },
  keys: (prefix) => files.keys(prefix),
  subscribe: (listener) => files.subscribe(listener),
  lease: (key, options) => files.lease(key, options),
  quarantine: (key) => files.quarantine(key),
  close: () => files.close(),
};
const store = createCredentialStore({
  storage,
  ...(tokenEndpoint && { refresh }),
  ...storeOptions,
  onError: (error) => tell({ event: 'error', error: summarize(error) }),
});
const entryOf = (key = 'default') => store.entry(key);
let writing = false;

const commands = {
  configure: (change) => void Object.assign(settings, change),
  goOn: () => goOn(),
  /** Tells each token, each status and the end of the session as they come. */
  observe(key) {
    const entry = entryOf(key);
    entry.credentials.subscribe((value) => tell({ event: 'token', token: value?.access_token }));
    entry.expiry.subscribe(({ status, error }) =>
      tell({ event: 'status', status, error: error && summarize(error) }),
    );
  },
  watchSession: (key) =>
    entryOf(key)
      .expirySignal()
      .addEventListener('abort', () => tell({ event: 'session over' })),
  get: (key) => entryOf(key).get(),
  set: (key, credentials) => entryOf(key).set(credentials),
  delete: (key) => entryOf(key).delete(),
  invalidate: (key) => entryOf(key).invalidate(),
  refresh: async (key) => (await entryOf(key).refresh()).access_token,
  getAccessToken: (key) => entryOf(key).getAccessToken(),
  keys: () => store.keys(),
  health: () => store.health.value.status,
  async count(key, times) {
    for (let i = 0; i < times; i++) {
      await entryOf(key).update((current) => ({ ...current, count: (current?.count ?? 0) + 1 }));
    }
  },
  /** Writes records of two lengths, one after the other, and tells each number that was acknowledged. */
  async write(key) {
    writing = true;
    for (let number = 1; writing; number++) {
      const filler = 'x'.repeat(number % 2 ? 20_000 : 10);
      await entryOf(key).update((current) => ({ ...current, first: number, filler, last: number }));
      tell({ event: 'written', number });
    }
  },
  stopWriting() {
    writing = false;
  },
  closeOnTermination() {
    process.on('SIGTERM', async () => {
      await store.close();
      process.exit(0);
    });
  },
  close: () => store.close(),
};

process.on('message', async ({ id, command, args }) => {
  try {
    tell({ id, result: await commands[command](...args) });
  } catch (error) {
    tell({ id, error: summarize(error) });
  }
});
tell({ event: 'ready' });
