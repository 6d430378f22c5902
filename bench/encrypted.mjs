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
  await compare(
    'One credential written to a file, durably, plain and encrypted',
    [
      { name: 'shelflife: plain', run: () => repeat(writes, () => plain.entry().set(sampleCredentials())) },
      {
        name: 'shelflife: encrypted',
        run: () => repeat(writes, () => encrypted.entry().set(sampleCredentials())),
      },
    ],
    {
      operations: writes,
      rounds: 15,
      goals: [
        {
          text: 'at most 1.3 × the plain write',
          of: 'shelflife: encrypted',
          against: 'shelflife: plain',
          most: 1.3,
        },
      ],
    },
  );
  await compare(
    'One credential read from a file, plain and encrypted',
    [
      { name: 'shelflife: plain', run: () => repeat(reads, () => plain.entry().get()) },
      {
        name: 'shelflife: encrypted, unchanged since the last read',
        run: () => repeat(reads, () => encrypted.entry().get()),
      },
      { name: 'shelflife: encrypted, by a new backend each time', run: () => repeat(reads, readAnew) },
    ],
    { operations: reads, rounds: 15 },
  );
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
