/** What does a durable write of one credential to a file cost, beyond what the disk asks for? */
import { open, rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCredentialStore } from 'shelflife';
import { fileBackend } from 'shelflife/file';
import { stringify } from 'superjson';
import { compare } from './compare.mjs';
import { sampleCredentials } from './sampleCredentials.mjs';
import { either } from './support/options.mjs';
import { importPeers } from './support/peers.mjs';
import { replaceFile } from './support/replaceFile.mjs';
import { replaceFileLocked } from './support/replaceFileLocked.mjs';
import { repeat } from './support/takeRounds.mjs';
import { withDirectory } from './support/withDirectory.mjs';

const operations = either(20, 5);
const [{ default: writeFileAtomic }, { default: Conf }, { JSONFilePreset }] = await importPeers(
  'write-file-atomic',
  'conf',
  'lowdb/node',
);

await withDirectory(async (directory) => {
  const path = (name) => join(directory, name);
  const store = createCredentialStore({ storage: fileBackend({ directory: path('store') }) });
  const entry = store.entry();
  const backend = fileBackend({ directory: path('backend') });
  let stored;
  const conf = new Conf({ cwd: path('conf'), projectName: 'bench' });
  const lowdb = await JSONFilePreset(path('lowdb.json'), {});
  const contender = (name, run) => ({ name, run: () => repeat(operations, run) });
  const bare = 'bare: write, fsync, rename, fsync of the directory';
  const locked = 'the same under a lock file, the old text compared';

  await compare(
    'One credential written to a file, durably',
    [
      contender(bare, () => replaceFile(path('bare'), stringify(sampleCredentials()))),
      contender(locked, () => replaceFileLocked(path('locked'), () => true, stringify(sampleCredentials()))),
      contender('write-file-atomic (no fsync of the directory)', () =>
        writeFileAtomic(path('atomic'), stringify(sampleCredentials()), { mode: 0o600 }),
      ),
      contender('conf: set (synchronous, no fsync of the directory)', () =>
        conf.set('key', sampleCredentials()),
      ),
      contender('lowdb: write (no fsync)', () => {
        lowdb.data.key = sampleCredentials();
        return lowdb.write();
      }),
      contender('shelflife: compareAndSet of the backend alone', async () => {
        const next = stringify(sampleCredentials());
        if (!(await backend.compareAndSet('default', stored, next))) throw new Error('A write was lost.');
        stored = next;
      }),
      contender('shelflife: set', () => entry.set(sampleCredentials())),
    ],
    {
      rounds: 25,
      operations,
      how: 'The only one that compares across processes, besides the second, is shelflife.',
      goals: [
        {
          text: 'at least 0.7 × the speed of the bare sequence',
          of: 'shelflife: set',
          against: bare,
          most: 1 / 0.7,
        },
        {
          text: 'ahead of write-file-atomic',
          of: 'shelflife: set',
          against: 'write-file-atomic (no fsync of the directory)',
          most: 1,
        },
      ],
    },
  );
  await Promise.all([store.close(), backend.close?.()]);

  const file = await open(path('synced'), 'w');
  const parent = await open(directory, 'r');
  const text = stringify(sampleCredentials());
  await compare(
    'The parts of it: what each call of the system costs here',
    [
      contender('write of a new file and fsync', async () => {
        await file.write(text, 0);
        await file.sync();
      }),
      contender('fsync of the directory, after a rename', async () => {
        await writeFile(path('renamed'), '');
        await rename(path('renamed'), path('renamed to'));
        await parent.sync();
      }),
      contender('a lock file made and removed', async () => {
        await (await open(path('lock'), 'wx')).close();
        await unlink(path('lock'));
      }),
      contender('superjson.stringify', () => stringify(sampleCredentials())),
    ],
    { rounds: 25, operations },
  );
  await Promise.all([file.close(), parent.close()]);
});
