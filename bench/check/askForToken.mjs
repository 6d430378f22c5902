// A process that asks for a fresh token when told to: fork(askForToken.mjs, [directory, url])
import { once } from 'node:events';
import { createCredentialStore } from 'shelflife';
import { fileBackend } from 'shelflife/file';

const [, , directory, url] = process.argv;
const store = createCredentialStore({
  storage: fileBackend({ directory }),
  refresh: async () => ({ ...(await (await fetch(url, { method: 'POST' })).json()), issued_at: new Date() }),
});
process.send('ready');
await once(process, 'message');
const token = await store.entry().getAccessToken();
if (!token.startsWith('access-')) throw new Error('The token was not refreshed.');
await store.close();
process.disconnect();
