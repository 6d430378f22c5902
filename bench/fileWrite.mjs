/** What does a durable write cost, beyond what the disk asks for? */
import { mkdtemp, open, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'superjson';
import { builds } from './builds.mjs';
import { compare } from './compare.mjs';
import { sampleCredentials } from './sampleCredentials.mjs';

const writes = 50;
const directory = await mkdtemp(join(tmpdir(), 'shelflife-bench-'));
const compared = (await builds()).map(({ name, createCredentialStore, fileBackend }) => {
  const store = createCredentialStore({ storage: fileBackend({ directory: join(directory, name) }) });
  return { name: `shelflife/file: set, ${name}`, store, session: store.entry() };
});

try {
  await compare(`${writes} durable writes of one credential`, [
    {
      name: 'write, fsync, rename, fsync of the directory',
      run: () => repeat(async () => replaceFile(join(directory, 'plain'), stringify(sampleCredentials()))),
    },
    ...compared.map(({ name, session }) => ({
      name,
      run: () => repeat(() => session.set(sampleCredentials())),
    })),
    {
      name: 'superjson.stringify alone',
      run: () => repeat(async () => stringify(sampleCredentials())),
    },
  ]);
} finally {
  await Promise.all(compared.map(({ store }) => store.close()));
  await rm(directory, { recursive: true, force: true });
}

async function repeat(run) {
  for (let count = 0; count < writes; count += 1) await run();
}

async function replaceFile(path, text) {
  const temporary = `${path}.tmp`;
  const file = await open(temporary, 'w', 0o600);
  await file.writeFile(text);
  await file.sync();
  await file.close();
  await rename(temporary, path);
  const parent = await open(directory, 'r');
  await parent.sync();
  await parent.close();
}
