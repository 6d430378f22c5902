import { open } from 'node:fs/promises';
import { platform } from 'node:process';
import { errorCode } from './errorCode.js';
import { retryWhileBusy } from './retryWhileBusy.js';

/** Makes the entries of a directory durable: a renamed or removed file is one only after this. */
export async function syncDirectory(directory: string): Promise<void> {
  try {
    const handle = await retryWhileBusy(() => open(directory, 'r'));
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    // Windows has no such thing, and says so in several ways.
    if (platform === 'win32' && ['EINVAL', 'EPERM', 'EISDIR', 'EACCES'].includes(errorCode(error))) return;
    throw error;
  }
}
