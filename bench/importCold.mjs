/** How long does the import take in a new process of Node? */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { compare } from './compare.mjs';
import { installPeers, peersFolder, usePeers } from './support/peers.mjs';

await installPeers();
const peers = ['keyv', 'conf', 'oidc-client-ts', '@auth0/auth0-spa-js', '@supabase/auth-js'];
usePeers(...peers);
const root = new URL('../', import.meta.url);
const core = 'shelflife';

await compare(
  'An import in a new process, what starting Node takes left out',
  [
    { name: 'the import of node:fs/promises alone', run: () => importIn(root, 'node:fs/promises') },
    ...peers.map((name) => ({ name, run: () => importIn(peersFolder, name) })),
    { name: core, run: () => importIn(root, 'shelflife') },
    { name: 'shelflife and shelflife/file', run: () => importIn(root, 'shelflife', 'shelflife/file') },
  ],
  {
    rounds: 21,
    goals: peers.map((against) => ({ text: `ahead of ${against}`, of: core, against, most: 1 })),
  },
);

/** The process measures itself, in microseconds. */
function importIn(folder, ...names) {
  const imports = names.map((name) => `await import(${JSON.stringify(name)});`).join('');
  const code = `const started = performance.now(); ${imports} console.log((performance.now() - started) * 1000)`;
  const told = execFileSync(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: fileURLToPath(folder),
    encoding: 'utf8',
  });
  return Number(told.trim().split('\n').at(-1));
}
