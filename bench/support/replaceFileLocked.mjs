import { constants } from 'node:fs';
import { open, readFile, unlink } from 'node:fs/promises';
import { replaceFile } from './replaceFile.mjs';

/** The same where processes may write at once: an exclusive lock file, and the old text read and compared under it. */
export async function replaceFileLocked(path, isExpected, text) {
  const { O_CREAT, O_EXCL, O_WRONLY } = constants;
  const lock = await open(`${path}.lock`, O_CREAT | O_EXCL | O_WRONLY, 0o600);
  await lock.close();
  try {
    const stored = await readFile(path, 'utf8').catch(() => undefined);
    if (isExpected(stored)) await replaceFile(path, text);
  } finally {
    await unlink(`${path}.lock`);
  }
}
