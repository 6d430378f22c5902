import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { runQuietly } from './runQuietly.mjs';

const root = new URL('../', import.meta.url);

/** Brings node_modules in line with the lock file, by `npm ci`, unless it is so already. */
export async function installPackages(tell = console.log) {
  if (await packagesAreCurrent()) return false;
  tell('installing the npm packages of the lock file (npm ci), which can take a minute');
  await runQuietly('npm', ['ci', '--no-audit', '--no-fund'], { tell, directory: fileURLToPath(root) });
  return true;
}

async function packagesAreCurrent() {
  const installed = await readLockFile('node_modules/.package-lock.json');
  if (!installed) return false;
  const locked = await readLockFile('package-lock.json');
  return Object.entries(locked).every(([path, { version, optional, peer }]) => {
    if (path === '') return true;
    const found = installed[path];
    // What is optional may be for another platform.
    return found ? found.version === version : Boolean(optional || peer);
  });
}

async function readLockFile(path) {
  try {
    return JSON.parse(await readFile(new URL(path, root), 'utf8')).packages;
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
