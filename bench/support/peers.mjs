import { readFileSync } from 'node:fs';
import { installPackages } from '../../test/installPackages.mjs';

/** What shelflife is compared with has a lock file of its own, so that the project's stays small. */
export const peersFolder = new URL('../peers/', import.meta.url);
const used = new Set();

export async function installPeers() {
  await installPackages((line) => process.stderr.write(`${line}\n`), peersFolder);
}

/** Imports packages of the peers' folder, as a module in it would. */
export async function importPeers(...specifiers) {
  await installPeers();
  usePeers(...specifiers);
  return Promise.all(specifiers.map(async (specifier) => import(await resolvePeer(specifier))));
}

/** The versions of these belong to what is measured. */
export function usePeers(...specifiers) {
  for (const specifier of specifiers) used.add(packageOf(specifier));
}

export function usedPeers() {
  return Object.fromEntries([...used].toSorted().map((name) => [name, versionOf(name)]));
}

async function resolvePeer(specifier) {
  const { resolve } = await import(new URL('resolve.mjs', peersFolder).href);
  return resolve(specifier);
}

function packageOf(specifier) {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function versionOf(name) {
  const manifest = new URL(`node_modules/${name}/package.json`, peersFolder);
  return JSON.parse(readFileSync(manifest, 'utf8')).version;
}
