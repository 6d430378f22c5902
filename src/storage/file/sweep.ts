import { readdir, readFile, stat, unlink } from 'node:fs/promises';
import { parseIdentity } from './Identity.js';
import { type Liveness, livenessOf } from './livenessOf.js';
import type { Locks } from './Locks.js';
import type { Owner } from './Owner.js';

const ABANDONED = 30_000;
const OWNER = /^\.owner-([0-9a-f]{32})$/;
const TEMPORARY = /^\.temporary-([0-9a-f]{32})-\d+$/;
const LOCK = /^[kh][0-9a-f]*\.(?:lock|lease)(?:\.[0-9a-f]{32})?$/;
const SPELLED = /^(h[0-9a-f]{64})\.key$/;

/**
 * Removes what dead owners left in the directory: locks, files that were never renamed, spelled keys without a
 * value, id files. Only files of this package's own naming are touched. What fails is left to the next sweep.
 */
export async function sweep(owner: Owner, locks: Locks): Promise<void> {
  const { directory } = owner;
  await owner.ready();
  const files = await readdir(directory.location);
  // Shorter names first: who takes over a lock thereby takes up its succession.
  for (const file of files.filter((name) => LOCK.test(name)).toSorted()) {
    await quietly(locks.releaseDead(file));
  }
  const present = new Set(files);
  for (const file of files) {
    const name = SPELLED.exec(file)?.[1];
    if (name && !present.has(`${name}.json`)) await quietly(removeUnusedKey(owner, locks, name));
  }
  const owners = new Map<string, Liveness>();
  for (const file of files) {
    const nonce = OWNER.exec(file)?.[1];
    if (nonce) owners.set(nonce, await judge(owner, directory.file(file)));
  }
  for (const file of files) {
    const nonce = TEMPORARY.exec(file)?.[1];
    if (nonce === undefined) continue;
    const path = directory.file(file);
    // Without an id file it is an id file itself, whose writer did not come further.
    await removeLeftover(path, owners.get(nonce) ?? (await judge(owner, path)));
  }
  for (const [nonce, liveness] of owners) {
    const path = directory.file(`.owner-${nonce}`);
    // One with further links still holds locks, and whoever meets those has to know whose they were.
    if ((await quietly(stat(path)))?.nlink === 1) await removeLeftover(path, liveness);
  }
}

async function judge(owner: Owner, path: string): Promise<Liveness> {
  const identity = parseIdentity((await quietly(readFile(path, 'utf8'))) ?? '');
  return identity ? livenessOf(identity, await owner.ready()) : 'unknown';
}

async function removeLeftover(path: string, liveness: Liveness): Promise<void> {
  if (liveness === 'alive') return;
  const age = Date.now() - ((await quietly(stat(path)))?.mtimeMs ?? Infinity);
  if (liveness === 'dead' || age > ABANDONED) await quietly(unlink(path));
}

async function removeUnusedKey(owner: Owner, locks: Locks, name: string): Promise<void> {
  const lock = await locks.acquire(`${name}.lock`, { milliseconds: 0 });
  try {
    const files = await readdir(owner.directory.location);
    if (!files.includes(`${name}.json`)) await unlink(owner.directory.file(`${name}.key`));
  } finally {
    await lock.release();
  }
}

async function quietly<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch {
    return undefined;
  }
}
