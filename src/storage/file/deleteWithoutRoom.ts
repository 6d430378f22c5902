import { randomBytes } from 'node:crypto';
import { link, rename, unlink } from 'node:fs/promises';
import { CorruptRecordError } from '../../errors/CorruptRecordError.js';
import { decodeText } from './decodeText.js';
import { delay } from './delay.js';
import { errorCode, unlessMissing } from './errorCode.js';
import { removeTree } from './fence.js';
import type { Locks } from './Locks.js';
import { lockTimeout } from './lockTimeout.js';
import { ownIdentity } from './ownIdentity.js';
import type { PrivateDirectory } from './PrivateDirectory.js';
import { readPrivately } from './readPrivately.js';
import { syncDirectory } from './syncDirectory.js';

const PATIENCE = 5000;
const PAUSE = 25;

/**
 * Deletes a value where there is no room for a lock: signing out has to work on a full disk too.
 *
 * The value is taken out of its place first, which needs no room, and looked at then: only one can take it out,
 * and what was taken is what was stored. Nobody who lives may hold the lock before and after. What turns out to be
 * another value is put back.
 */
export async function deleteWithoutRoom(
  directory: PrivateDirectory,
  locks: Locks,
  names: readonly string[],
  expected: string | undefined,
): Promise<boolean> {
  const own = ownIdentity();
  const until = performance.now() + PATIENCE;
  const unlocked = async (): Promise<void> => {
    for (;;) {
      const holder = await locks.livingHolder(`${names[0]}.lock`, own);
      if (holder === undefined) return;
      if (performance.now() > until) throw lockTimeout('lock', directory.path, holder.identity);
      await delay(PAUSE);
    }
  };
  await unlocked();
  // The one that counts last: whoever sees an older one instead would take it for what is stored.
  const stored = (await Promise.all(names.map((name) => read(directory, name)))).map((text, i) => ({
    text,
    name: names[i] ?? '',
  }));
  const present = stored.filter(({ text }) => text !== undefined);
  if (present[0]?.text !== expected) return false;
  for (const { name, text } of present.toReversed())
    if (!(await takeOut(directory, name, text))) return false;
  await unlocked();
  for (const { name } of stored) {
    // Whoever compared before it was taken out may have written after.
    if ((await read(directory, name)) !== undefined) return false;
    for (const kind of ['damaged', 'json']) await removeTree(directory.file(`${name}.${kind}`));
  }
  await syncDirectory(directory.location);
  return true;
}

/** The text of a value; `undefined` where there is none, or something that is no record. */
async function read(directory: PrivateDirectory, name: string): Promise<string | undefined> {
  try {
    const bytes = await readPrivately(directory.file(`${name}.json`));
    return bytes && decodeText(bytes);
  } catch (error) {
    if (error instanceof CorruptRecordError) return undefined;
    throw error;
  }
}

async function takeOut(
  directory: PrivateDirectory,
  name: string,
  expected: string | undefined,
): Promise<boolean> {
  const path = directory.file(`${name}.json`);
  const away = directory.file(`.deleted-${randomBytes(16).toString('hex')}`);
  if ((await unlessMissing(rename(path, away).then(() => true))) === undefined) return false;
  const bytes = await readPrivately(away);
  if (bytes && decodeText(bytes) === expected) {
    await unlink(away);
    return true;
  }
  await putBack(away, path);
  return false;
}

async function putBack(away: string, path: string): Promise<void> {
  try {
    await link(away, path);
  } catch (error) {
    // Never over what was written since, as far as that can be told without room for a link.
    if (errorCode(error) !== 'EEXIST') return rename(away, path);
  }
  await unlink(away);
}
