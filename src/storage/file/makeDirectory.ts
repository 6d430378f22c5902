import { chmod, lchown, lstat, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode } from './errorCode.js';
import { ownershipIn } from './ownershipIn.js';

/**
 * Makes a directory and its missing ancestors, for this user only, whatever the umask; as root, for the user in
 * whose directory it is made.
 *
 * By hand, since `mkdir` with `recursive` never returns below a place such as `/proc` in Node 20.
 */
export async function makeDirectory(path: string): Promise<void> {
  try {
    await makeOne(path);
  } catch (error) {
    const parent = dirname(path);
    if (errorCode(error) !== 'ENOENT' || parent === path) throw error;
    await makeDirectory(parent);
    await makeOne(path);
  }
}

async function makeOne(path: string): Promise<void> {
  try {
    await mkdir(path, 0o700);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return;
    throw error;
  }
  await chmod(path, 0o700);
  const ownership = ownershipIn(await lstat(dirname(path)));
  if (ownership) await lchown(path, ownership.uid, ownership.gid);
}
