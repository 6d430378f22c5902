/** One of many processes that count up: `fork(updateInProcess.mjs, [role, way, folder, keys, updates])`. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { importPeers } from './peers.mjs';
import { sampleCredentials } from '../sampleCredentials.mjs';

const [, , role, way, folder, keys, updates] = process.argv;
const names = Array.from({ length: Number(keys) }, (_, index) => `user-${index}`);
const files = await { locked: useLockFile, shelflife: useStore }[way]();

if (role === 'seed') for (const name of names) await files.write(name, { ...sampleCredentials(), count: 0 });
if (role === 'sum')
  process.send((await Promise.all(names.map(files.read))).reduce((sum, { count }) => sum + count, 0));
if (role === 'update') await updateAll();
await files.close();
process.disconnect();

async function updateAll() {
  process.send('ready');
  await once(process, 'message');
  let longest = 0;
  for (let turn = 0; turn < Number(updates); turn += 1) {
    const started = performance.now();
    await files.update(names[(turn * 7 + process.pid) % names.length]);
    longest = Math.max(longest, performance.now() - started);
  }
  process.send(longest * 1000);
}

async function useStore() {
  const { createCredentialStore } = await import('shelflife');
  const { fileBackend } = await import('shelflife/file');
  const store = createCredentialStore({ storage: fileBackend({ directory: folder }), timeout: 60_000 });
  return {
    update: (name) => store.entry(name).update((current) => ({ ...current, count: current.count + 1 })),
    read: (name) => store.entry(name).get(),
    write: (name, value) => store.entry(name).set(value),
    close: () => store.close(),
  };
}

async function useLockFile() {
  const [{ default: lockfile }, { default: writeFileAtomic }] = await importPeers(
    'proper-lockfile',
    'write-file-atomic',
  );
  const path = (name) => join(folder, `${name}.json`);
  const read = async (name) => JSON.parse(await readFile(path(name), 'utf8'));
  const write = (name, value) => writeFileAtomic(path(name), JSON.stringify(value), { mode: 0o600 });
  const patience = { retries: { retries: 10_000, factor: 1, minTimeout: 1, maxTimeout: 5 } };
  return {
    async update(name) {
      const release = await lockfile.lock(path(name), patience);
      const current = await read(name);
      await write(name, { ...current, count: current.count + 1 });
      await release();
    },
    read,
    write,
    close: () => {},
  };
}
