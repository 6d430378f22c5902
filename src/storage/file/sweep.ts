import { readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fence, removeTree } from './fence.js';
import { type Liveness, livenessOf } from './livenessOf.js';
import { type Locks, partsOf } from './Locks.js';
import type { Owner } from './Owner.js';
import { ID, readHolder } from './readHolder.js';
import { isHashed, spelledKey } from './fileNameOf.js';

/** After that, in milliseconds, what nobody can say anything about is left over. */
const ABANDONED = 30_000;
const FORGOTTEN = 3_600_000;
const OWNER = /^\.owner-([0-9a-f]{32})$/;
/** With a number: by version 0.1.0. */
const TEMPORARY = /^\.temporary-([0-9a-f]{32})(?:-\d+)?$/;
const FENCED = /^\.fenced-[0-9a-f]{32}$/;
const DELETED = /^\.deleted-[0-9a-f]{32}$/;
const WATCHED = /^\.watched-([0-9a-f]{32})$/;
const SPELLED = /^(h[0-9a-f]{64})\.key$/;

/**
 * Removes what dead owners left in the directory: locks, files that were never renamed, spelled keys without a
 * value, owners' directories. Only files of this package's own naming are touched. What fails is left to the next sweep.
 */
export async function sweep(owner: Owner, locks: Locks): Promise<void> {
  const { directory } = owner;
  const own = await owner.ready();
  const files = await readdir(directory.location);
  const path = (file: string): string => directory.file(file);
  const owners = new Map<string, Liveness>();
  for (const file of files) {
    const nonce = OWNER.exec(file)?.[1];
    if (nonce) owners.set(nonce, judge(path(file)));
  }
  // Shorter names first: who clears a lock thereby clears the right to do so.
  const held = files.filter(isLock).toSorted();
  for (const file of held) await quietly(locks.releaseDead(file));
  const present = new Set(files);
  for (const file of files) {
    const name = SPELLED.exec(file)?.[1];
    if (name && !present.has(`${name}.json`)) await quietly(removeUnusedKey(owner, locks, name));
  }
  const inUse = new Set(held.map((file) => holderOf(path(file))?.nonce));
  for (const file of files) {
    const watched = WATCHED.exec(file)?.[1];
    if (watched && !inUse.has(watched)) await quietly(unlink(path(file)));
    const isLeft =
      FENCED.test(file) ||
      (DELETED.test(file) && (await isOlder(path(file), ABANDONED))) ||
      (TEMPORARY.test(file) && (await isAbandoned(file)));
    if (isLeft) await quietly(removeTree(path(file)));
  }
  for (const [nonce, liveness] of owners) {
    // One that still holds locks stays: whoever meets those has to know whose they were.
    if (inUse.has(nonce)) continue;
    const isOver = liveness === 'unknown' && (await isOlder(path(`.owner-${nonce}`), FORGOTTEN));
    if (liveness === 'dead' || isOver) await quietly(fence(directory, nonce));
  }

  async function isAbandoned(file: string): Promise<boolean> {
    const nonce = TEMPORARY.exec(file)?.[1] ?? '';
    // Of version 0.1.0, whose owner says who it is elsewhere.
    const writer = owners.get(nonce) ?? judge(path(file));
    return writer === 'dead' || (writer === 'unknown' && isOlder(path(file), ABANDONED));
  }

  function judge(place: string): Liveness {
    const identity = (holderOf(join(place, ID)) ?? holderOf(place))?.identity;
    return identity ? livenessOf(identity, own) : 'unknown';
  }
}

function isLock(file: string): boolean {
  const { kind, lock } = partsOf(file);
  const name = kind && lock.slice(0, -kind.length - 1);
  return name !== undefined && (isHashed(name) || spelledKey(name) !== undefined);
}

function holderOf(path: string): ReturnType<typeof readHolder> {
  try {
    return readHolder(path);
  } catch {
    return undefined;
  }
}

async function isOlder(path: string, age: number): Promise<boolean> {
  return Date.now() - ((await quietly(stat(path)))?.mtimeMs ?? Infinity) > age;
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
