import { rename, rm } from 'node:fs/promises';
import { unlessMissing } from './errorCode.js';
import type { PrivateDirectory } from './PrivateDirectory.js';

/**
 * Takes from an owner all that it could still do: its directory, through which each of its changes goes. Whatever
 * it was about to rename finds nothing to rename or no place to go to, however late it wakes up.
 *
 * May be done by several at once, and again where somebody died in the middle of it. Needs no space.
 */
export async function fence(directory: PrivateDirectory, nonce: string): Promise<void> {
  const away = directory.file(`.fenced-${nonce}`);
  // In one step, so that nothing more is put in there. A change that the system is in the middle of comes first or fails.
  await unlessMissing(rename(directory.file(`.owner-${nonce}`), away));
  await removeTree(away);
}

/** Removes whatever is there, and what is in it. */
export async function removeTree(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 5 });
}
