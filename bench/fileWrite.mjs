/** What does a durable write cost, beyond what the disk asks for? */
import { mkdtemp, open, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCredentialStore } from 'shelflife';
import { fileBackend } from 'shelflife/file';
import { stringify } from 'superjson';
import { compare } from './compare.mjs';
import { sampleCredentials } from './sampleCredentials.mjs';

const writes = 50;
const directory = await mkdtemp(join(tmpdir(), 'shelflife-bench-'));
const store = createCredentialStore({ storage: fileBackend({ directory: join(directory, 'store') }) });
const session = store.entry();
const backend = fileBackend({ directory: join(directory, 'backend') });
let stored;

try {
  await compare(`${writes} durable writes of one credential`, [
    {
      name: 'write, fsync, rename, fsync of the directory',
      run: () => repeat(async () => replaceFile(join(directory, 'plain'), stringify(sampleCredentials()))),
    },
    {
      name: 'shelflife/file: compareAndSet of the backend alone',
      run: () =>
        repeat(async () => {
          const next = `${stringify(sampleCredentials())} ${Math.random()}`;
          if (!(await backend.compareAndSet('default', stored, next))) throw new Error('lost a write');
          stored = next;
        }),
    },
    { name: 'shelflife/file: set', run: () => repeat(() => session.set(sampleCredentials())) },
    {
      name: 'superjson.stringify alone',
      run: () => repeat(async () => stringify(sampleCredentials())),
    },
  ]);
} finally {
  await Promise.all([store.close(), backend.close()]);
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
