/** Does a write to a file take longer where many credentials are stored? */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createCredentialStore } from 'shelflife';
import { fileBackend } from 'shelflife/file';
import { compare } from './compare.mjs';
import { sampleCredentials } from './sampleCredentials.mjs';
import { either, isQuick } from './support/options.mjs';
import { importPeers } from './support/peers.mjs';
import { showProgress } from './support/progress.mjs';
import { repeat } from './support/takeRounds.mjs';
import { withDirectory } from './support/withDirectory.mjs';

const sizes = isQuick ? [1, 100, 1000] : [1, 100, 10_000, 100_000];
/** Packages that write all they hold at each set are measured up to here only. */
const wholeFiles = 10_000;
const [{ default: Conf }, { JSONFilePreset }, { KeyvFile }, { Keyv }] = await importPeers(
  'conf',
  'lowdb/node',
  'keyv-file',
  'keyv',
);

await withDirectory(async (directory) => {
  const ours = [];
  for (const size of sizes) {
    const place = join(directory, String(size));
    await mkdir(place);
    const [run, ...peers] = await fill(place, size);
    ours.push({ name: `shelflife: set, ${size.toLocaleString('en-US')} stored`, run });
    if (size > wholeFiles) continue;
    const name = 'shelflife: set';
    await compare(
      `One credential written where ${size.toLocaleString('en-US')} are stored`,
      [...peers, { name, run: () => repeat(10, run).then(() => undefined), ours: true }].map(perOperation),
      {
        rounds: size > 1000 ? 7 : 15,
        goals:
          size === 10_000
            ? [{ text: 'at least 100 × faster than conf', of: name, against: 'conf: set', most: 0.01 }]
            : [],
      },
    );
  }
  const operations = either(20, 5);
  const [first] = ours;
  const last = ours.at(-1);
  await compare(
    'One credential written, by how many are stored',
    ours.map(({ name, run }) => ({ name, run: () => repeat(operations, run) })),
    {
      rounds: 15,
      operations,
      goals: isQuick
        ? []
        : [
            {
              text: 'flat: at 100,000 at most 1.5 × the time at 1',
              of: last.name,
              against: first.name,
              most: 1.5,
            },
          ],
    },
  );
});

/** Writes of ours are short, so ten of them make a sample. */
function perOperation({ name, run, ours }) {
  if (!ours) return { name, run };
  return {
    name,
    ours,
    async run() {
      const started = performance.now();
      await run();
      return ((performance.now() - started) * 1000) / 10;
    },
  };
}

async function fill(place, size) {
  const progress = showProgress(`Filling with ${size}`);
  const storage = fileBackend({ directory: join(place, 'store') });
  const store = createCredentialStore({ storage });
  let next = 0;
  const worker = async () => {
    while (next < size) {
      progress(next, size);
      await store.entry(`user-${next++}`).set(sampleCredentials());
    }
  };
  await Promise.all(Array.from({ length: 64 }, worker));
  const set = () => store.entry('user-0').set(sampleCredentials());
  if (size > wholeFiles) return [set];

  const all = Object.fromEntries(
    Array.from({ length: size }, (_, index) => [`user-${index}`, sampleCredentials()]),
  );
  const conf = new Conf({ cwd: place, projectName: 'bench' });
  conf.store = all;
  const lowdb = await JSONFilePreset(join(place, 'lowdb.json'), all);
  const keyv = new Keyv({ store: new KeyvFile({ filename: join(place, 'keyv.json'), writeDelay: 0 }) });
  await Promise.all(Object.entries(all).map(([key, value]) => keyv.set(key, value)));
  return [
    set,
    { name: 'conf: set', run: () => conf.set('user-0', sampleCredentials()) },
    {
      name: 'lowdb: write',
      run: () => {
        lowdb.data['user-0'] = sampleCredentials();
        return lowdb.write();
      },
    },
    { name: 'keyv-file: set', run: () => keyv.set('user-0', sampleCredentials()) },
  ];
}
