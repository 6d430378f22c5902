import { open, rename, unlink } from 'node:fs/promises';
import { retryWhileBusy } from './retryWhileBusy.js';

/**
 * Writes a file as a whole: readers see the old content or the new one, and so does whoever comes after a crash.
 * The entry in the directory is durable only after `syncDirectory`.
 */
export async function replaceFile(
  path: string,
  content: string | Uint8Array,
  temporary: string,
  beforeRename?: () => void,
): Promise<void> {
  try {
    await writePrivately(temporary, content);
    beforeRename?.();
    await retryWhileBusy(() => rename(temporary, path));
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
}

async function writePrivately(path: string, content: string | Uint8Array): Promise<void> {
  const handle = await retryWhileBusy(() => open(path, 'wx', 0o600));
  try {
    // The umask may have taken even the owner's rights away.
    await handle.chmod(0o600);
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
