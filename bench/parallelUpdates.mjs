/** What do 500 parallel updates of one entry, from two stores, cost against as many writes one after the other? */
import { mkdtemp, open, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCredentialStore } from 'shelflife';
import { fileBackend } from 'shelflife/file';
import { compare } from './compare.mjs';
import { sampleCredentials } from './sampleCredentials.mjs';

const updates = 500;
const directory = await mkdtemp(join(tmpdir(), 'shelflife-bench-'));
const plain = join(directory, 'plain');
const stores = [1, 2].map(() =>
  createCredentialStore({ storage: fileBackend({ directory: join(directory, 'store') }) }),
);

try {
  await compare(
    `${updates} updates of one entry in a file`,
    [
      { name: 'read, write, fsync, rename, one after the other', run: updatePlainly },
      { name: 'shelflife/file: update, all at once from two stores', run: updateAtOnce },
    ],
    { rounds: 3 },
  );
} finally {
  await Promise.all(stores.map((store) => store.close()));
  await rm(directory, { recursive: true, force: true });
}

async function updatePlainly() {
  await write(JSON.stringify({ ...sampleCredentials(), count: 0 }));
  for (let update = 0; update < updates; update += 1) {
    const current = JSON.parse(await readFile(plain, 'utf8'));
    await write(JSON.stringify({ ...current, count: current.count + 1 }));
  }
}

async function write(text) {
  const file = await open(`${plain}.tmp`, 'w', 0o600);
  await file.writeFile(text);
  await file.sync();
  await file.close();
  await rename(`${plain}.tmp`, plain);
}

async function updateAtOnce() {
  const [first] = stores;
  await first.entry().set({ ...sampleCredentials(), count: 0 });
  const increments = Array.from({ length: updates }, (_, index) =>
    stores[index % 2].entry().update((current) => ({ ...current, count: current.count + 1 })),
  );
  await Promise.all(increments);
  const { count } = await first.entry().get();
  if (count !== updates) throw new Error(`${updates - count} updates were lost.`);
}
