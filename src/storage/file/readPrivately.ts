import { type FileHandle, lstat, open } from 'node:fs/promises';
import { platform } from 'node:process';
import { unlessMissing } from './errorCode.js';
import { retryWhileBusy } from './retryWhileBusy.js';

/** Reads a file, `undefined` where there is none, and closes it to other users if it was open to them. */
export async function readPrivately(path: string): Promise<Buffer | undefined> {
  const handle = await unlessMissing(retryWhileBusy(() => open(path, 'r')));
  if (handle === undefined) return undefined;
  try {
    const { mode, size } = await handle.stat();
    if (platform !== 'win32' && mode & 0o077) await closeToOthers(handle, path);
    // One byte of room tells that the file ended: files are replaced and never written to.
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size + 1), 0, size + 1, 0);
    return bytesRead <= size ? buffer.subarray(0, bytesRead) : await handle.readFile();
  } finally {
    await handle.close();
  }
}

async function closeToOthers(handle: FileHandle, path: string): Promise<void> {
  try {
    // What a link points to, or what is no file, is not ours.
    if ((await lstat(path)).isFile()) await handle.chmod(0o600);
  } catch {
    // Somebody else's file, or a read-only file system: reading it is still right.
  }
}
