// Writes one credential to files in a directory, as often as asked: node writeTimes.mjs <directory> <times>
import { createCredentialStore } from 'shelflife';
import { fileBackend } from 'shelflife/file';

const [, , directory, times] = process.argv;
const store = createCredentialStore({ storage: fileBackend({ directory }) });
for (let turn = 0; turn < Number(times); turn += 1) {
  await store.entry().set({ access_token: `token-${turn}`, issued_at: new Date(0), expires_in: 3600 });
}
await store.close();
