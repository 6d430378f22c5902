/** What does watching the expiry of many entries cost against a timer for each? */
import { createCredentialStore, memoryBackend } from 'shelflife';
import { parse, stringify } from 'superjson';
import { compare } from './compare.mjs';

const entries = 100_000;
const storage = memoryBackend();
const seed = createCredentialStore({ storage });
await Promise.all(
  Array.from({ length: entries }, (_, index) => seed.entry(`user-${index}`).set(credentialsOf(index))),
);
await seed.close();
const texts = Array.from({ length: entries }, (_, index) => stringify(credentialsOf(index)));

await compare(
  `Watching ${entries} deadlines, then stopping`,
  [
    { name: 'superjson.parse and setTimeout for each', run: watchByTimers },
    { name: 'shelflife: expiry.subscribe for each, one timer', run: watchByStore },
  ],
  { rounds: 1 },
);

function credentialsOf(index) {
  return { access_token: `token-of-user-${index}`, issued_at: new Date(), expires_in: 3600 + (index % 1000) };
}

function watchByTimers() {
  const timers = texts.map((text) => {
    const { issued_at: issuedAt, expires_in: lifetime } = parse(text);
    return setTimeout(() => {}, issuedAt.getTime() + lifetime * 1000 - Date.now());
  });
  for (const timer of timers) clearTimeout(timer);
}

async function watchByStore() {
  const store = createCredentialStore({ storage });
  const subscriptions = Array.from({ length: entries }, (_, index) =>
    store.entry(`user-${index}`).expiry.subscribe(() => {}),
  );
  for (const unsubscribe of subscriptions) unsubscribe();
  await store.close();
}
