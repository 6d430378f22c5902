import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createCredentialStore } from 'shelflife';
import { fileBackend } from 'shelflife/file';
import { startTokenServer } from '../support/startTokenServer.mjs';
import { withDirectory } from '../support/withDirectory.mjs';

const asker = fileURLToPath(new URL('askForToken.mjs', import.meta.url));
const processes = 4;

/** The requests that several processes make, all of which want a token when the stored one has expired. */
export async function countRequestsOfProcesses() {
  const server = await startTokenServer();
  await withDirectory(async (directory) => {
    const seed = createCredentialStore({ storage: fileBackend({ directory }) });
    const expired = { access_token: 'old', refresh_token: 'r', issued_at: new Date(0), expires_in: 60 };
    await seed.entry().set(expired);
    await seed.close();
    const children = Array.from({ length: processes }, () => fork(asker, [directory, server.url]));
    await Promise.all(children.map((child) => once(child, 'message')));
    const ends = Promise.all(children.map((child) => once(child, 'exit')));
    for (const child of children) child.send('go');
    await ends;
  });
  server.close();
  return { requests: { [`of ${processes} processes, for one expiry`]: server.counts.requests } };
}
