/** Do writes to files that are in flight at once gain by it: of different keys, of one key? */
import { join } from 'node:path';
import { createCredentialStore } from 'shelflife';
import { fileBackend } from 'shelflife/file';
import { compare } from './compare.mjs';
import { sampleCredentials } from './sampleCredentials.mjs';
import { importPeers } from './support/peers.mjs';
import { replaceFile } from './support/replaceFile.mjs';
import { repeat } from './support/takeRounds.mjs';
import { withDirectory } from './support/withDirectory.mjs';

const writes = 64;
const [{ default: writeFileAtomic }, { JSONFilePreset }] = await importPeers(
  'write-file-atomic',
  'lowdb/node',
);

await withDirectory(async (directory) => {
  const path = (name) => join(directory, name);
  const store = createCredentialStore({ storage: fileBackend({ directory: path('store') }) });
  const lowdb = await JSONFilePreset(path('lowdb.json'), {});
  const set = (index) => store.entry(`user-${index}`).set(sampleCredentials());
  const bare = (index) => replaceFile(path(`bare-${index}`), JSON.stringify(sampleCredentials()));
  const atomic = (index) => writeFileAtomic(path(`atomic-${index}`), JSON.stringify(sampleCredentials()));
  const atOnce = (write) => () => Promise.all(Array.from({ length: writes }, (_, index) => write(index)));
  const stream = 'shelflife: one after another';

  await compare(
    `${writes} durable writes to files of different keys`,
    [
      { name: stream, run: () => repeat(writes, set) },
      { name: 'shelflife: all at once', run: atOnce(set) },
      { name: 'bare: one after another', run: () => repeat(writes, bare) },
      { name: 'bare: all at once', run: atOnce(bare) },
      { name: 'write-file-atomic: all at once', run: atOnce(atomic) },
    ],
    {
      rounds: 15,
      operations: writes,
      how: 'The time of one write is that of all, divided by their number. What "bare" gains is what the disk and the thread pool of Node give.',
      goals: [
        { text: 'at least 3 × one stream', of: 'shelflife: all at once', against: stream, most: 1 / 3 },
      ],
    },
  );
  await compare(
    `${writes} durable writes to a file of one key`,
    [
      { name: stream, run: () => repeat(writes, () => set(0)) },
      { name: 'shelflife: all at once', run: atOnce(() => set(0)) },
      { name: 'write-file-atomic: all at once, one waits for the other', run: atOnce(() => atomic(0)) },
      {
        name: 'lowdb: all at once, the last one wins (no fsync)',
        run: atOnce(() => {
          lowdb.data.key = sampleCredentials();
          return lowdb.write();
        }),
      },
    ],
    { rounds: 15, operations: writes },
  );
  await store.close();
});
