/** What does encryption cost a durable write and a read of a file? */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCredentialStore } from 'shelflife';
import { encryptedBackend, rawKey } from 'shelflife/encrypted';
import { fileBackend } from 'shelflife/file';
import { compare } from './compare.mjs';
import { sampleCredentials } from './sampleCredentials.mjs';

const writes = 50;
const reads = 200;
const directory = await mkdtemp(join(tmpdir(), 'shelflife-bench-'));
const keys = rawKey(randomBytes(32));
const plainFile = fileBackend({ directory: join(directory, 'plain') });
const inner = fileBackend({ directory: join(directory, 'encrypted') });
const plain = createCredentialStore({ storage: plainFile });
const encrypted = createCredentialStore({ storage: encryptedBackend(inner, { keys }) });

try {
  await compare(`${writes} durable writes of one credential to a file`, [
    { name: 'plain', run: () => repeat(writes, () => plain.entry().set(sampleCredentials())) },
    { name: 'encrypted', run: () => repeat(writes, () => encrypted.entry().set(sampleCredentials())) },
  ]);
  await compare(`${reads} reads of one credential from a file`, [
    { name: 'plain', run: () => repeat(reads, () => plain.entry().get()) },
    {
      name: 'encrypted, unchanged since the last read',
      run: () => repeat(reads, () => encrypted.entry().get()),
    },
    { name: 'encrypted, by a new backend each time', run: () => repeat(reads, readAnew) },
  ]);
} finally {
  await Promise.all([plain.close(), encrypted.close()]);
  await rm(directory, { recursive: true, force: true });
}

async function repeat(times, run) {
  for (let count = 0; count < times; count += 1) await run();
}

/** A backend of its own remembers nothing; its key is opened anew too, which costs a digest and an import. */
async function readAnew() {
  await encryptedBackend(inner, { keys }).get('shelflife:default');
}
