import { type BigIntStats, closeSync, constants, fstatSync, lstatSync, openSync } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';
import { CorruptRecordError } from '../../errors/CorruptRecordError.js';
import { errorCode } from './errorCode.js';
import { BACKEND } from './storageFailure.js';

/** What a file may hold at most: far more than any credential, and no burden to read at once. */
const LARGEST_FILE = 16 * 1024 * 1024;

// Not following links, and not waiting for the other end of a pipe. Windows has neither: there a look before has to do.
const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants as Partial<typeof constants>;
const FLAGS = (O_RDONLY ?? 0) | (O_NOFOLLOW ?? 0) | (O_NONBLOCK ?? 0);
const IS_LINK = ['ELOOP', 'EMLINK', 'EFTYPE'];
const IS_NO_FILE = ['EISDIR', 'ENXIO', 'ENODEV', 'EOPNOTSUPP'];

/** A file that was opened through the one door to all files, to be closed by the caller. */
export interface OpenFile<File> {
  readonly file: File;
  readonly status: BigIntStats;
}

/**
 * Opens a file to read it: the only way in which files of the directory are opened.
 *
 * @throws {CorruptRecordError} for what is no regular file of at most 16 MiB: a link, a pipe, a device, a directory.
 */
export async function openRegular(path: string): Promise<OpenFile<FileHandle>> {
  if (O_NOFOLLOW === undefined) requireRegular(await lstat(path, { bigint: true }), path);
  let file;
  try {
    file = await open(path, FLAGS);
  } catch (error) {
    throw refusal(error, path);
  }
  try {
    const status = await file.stat({ bigint: true });
    requireRegular(status, path);
    return { file, status };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The same, at once; the descriptor is the file. */
export function openRegularSync(path: string): OpenFile<number> {
  if (O_NOFOLLOW === undefined) requireRegular(lstatSync(path, { bigint: true }), path);
  let file;
  try {
    file = openSync(path, FLAGS);
  } catch (error) {
    throw refusal(error, path);
  }
  try {
    const status = fstatSync(file, { bigint: true });
    requireRegular(status, path);
    return { file, status };
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

function requireRegular(status: BigIntStats, path: string): void {
  if (!status.isFile()) throw noRecord(path, whatIs(status));
  if (status.size > LARGEST_FILE) throw noRecord(path, `larger than ${LARGEST_FILE} bytes`);
}

function refusal(error: unknown, path: string): unknown {
  const code = errorCode(error);
  if (IS_LINK.includes(code)) return noRecord(path, 'a link');
  return IS_NO_FILE.includes(code) ? noRecord(path, 'no regular file') : error;
}

function whatIs(status: BigIntStats): string {
  if (status.isSymbolicLink()) return 'a link';
  if (status.isDirectory()) return 'a directory';
  if (status.isFIFO()) return 'a pipe';
  return status.isSocket() ? 'a socket' : 'a device';
}

function noRecord(path: string, what: string): CorruptRecordError {
  return new CorruptRecordError(
    `${path} is ${what}, so it is no record. Look at what it is; the next set() or delete() puts it out of the way.`,
    { backend: BACKEND },
  );
}
