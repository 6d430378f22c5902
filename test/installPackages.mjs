import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { runQuietly } from './runQuietly.mjs';

const root = new URL('../', import.meta.url);

/**
 * Brings the node_modules of a folder in line with the lock file beside, by `npm ci`, unless it is so already. By
 * default that of the package; tests that need something large have a folder of their own.
 */
export async function installPackages(tell = console.log, folder = root) {
  if (await packagesAreCurrent(folder)) return false;
  tell('installing the npm packages of the lock file (npm ci), which can take a minute');
  await runQuietly('npm', ['ci', '--no-audit', '--no-fund'], { tell, directory: fileURLToPath(folder) });
  return true;
}

async function packagesAreCurrent(folder) {
  const installed = await readLockFile(new URL('node_modules/.package-lock.json', folder));
  if (!installed) return false;
  const locked = await readLockFile(new URL('package-lock.json', folder));
  return Object.entries(locked).every(([path, { version, optional, peer }]) => {
    if (path === '') return true;
    const found = installed[path];
    // What is optional may be for another platform.
    return found ? found.version === version : Boolean(optional || peer);
  });
}

async function readLockFile(url) {
  try {
    return JSON.parse(await readFile(url, 'utf8')).packages;
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
