import type { FileHandle } from 'node:fs/promises';
import { platform } from 'node:process';
import { unlessMissing } from './errorCode.js';
import { openRegular } from './openRegular.js';
import { retryWhileBusy } from './retryWhileBusy.js';

/**
 * Reads a file, `undefined` where there is none, and closes it to other users if it was open to them.
 *
 * @throws {CorruptRecordError} for what is no regular file of at most 16 MiB.
 */
export async function readPrivately(path: string): Promise<Buffer | undefined> {
  const opened = await unlessMissing(retryWhileBusy(() => openRegular(path)));
  if (opened === undefined) return undefined;
  const { file, status } = opened;
  try {
    // A file with another name too is somebody else's as well: who may read it there is not ours to say.
    if (platform !== 'win32' && status.mode & 0o077n && status.nlink === 1n) await closeToOthers(file);
    const size = Number(status.size);
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(size), 0, size, 0);
    // Files are replaced and never written to, so it is as long as it was. What somebody cuts short by hand is shorter.
    return bytesRead === size ? buffer : buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function closeToOthers(file: FileHandle): Promise<void> {
  try {
    await file.chmod(0o600);
  } catch {
    // Somebody else's file, or a read-only file system: reading it is still right.
  }
}
