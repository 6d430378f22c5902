/** What does asking for a fresh access token cost before every request? */
import { createCredentialStore, memoryBackend } from 'shelflife';
import { parse, stringify } from 'superjson';
import { compare } from './compare.mjs';
import { sampleCredentials } from './sampleCredentials.mjs';

const requests = 2000;
const store = createCredentialStore({ storage: memoryBackend() });
const session = store.entry();
await session.set(sampleCredentials());
const text = stringify(sampleCredentials());

await compare(`${requests} access tokens`, [
  {
    name: 'superjson.parse of the record, and a look at the clock',
    run: () =>
      repeat(async () => {
        const { issued_at: issuedAt, expires_in: lifetime } = parse(text);
        if (issuedAt.getTime() + lifetime * 1000 < Date.now()) throw new Error('Expired.');
      }),
  },
  { name: 'shelflife: getAccessToken, in memory', run: () => repeat(() => session.getAccessToken()) },
]);
await store.close();

async function repeat(run) {
  for (let count = 0; count < requests; count += 1) await run();
}
