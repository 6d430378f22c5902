/** The demo's second process: reads what the first one kept, and tells what it found, but for the tokens. */
import { createCredentialStore } from 'shelflife';
import { fileBackend } from 'shelflife/file';

const [directory] = process.argv.slice(2);
const store = createCredentialStore({ storage: fileBackend({ directory }), autoRefresh: false });
const session = store.entry();
const credentials = await session.get();

if (!(credentials?.issued_at instanceof Date)) {
  console.log('There is no issued_at that is a Date.');
  process.exitCode = 1;
} else {
  console.log(`process ${process.pid} found: ${Object.keys(credentials).join(', ')}`);
  console.log(`issued_at is a Date again: ${credentials.issued_at.toISOString()}`);
  console.log(`${session.timeLeft().value} s left`);
}
await store.close();
