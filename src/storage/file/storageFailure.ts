import { lstatSync } from 'node:fs';
import { geteuid } from 'node:process';
import { ShelflifeError } from '../../errors/ShelflifeError.js';
import { StorageQuotaError } from '../../errors/StorageQuotaError.js';
import { StorageUnavailableError } from '../../errors/StorageUnavailableError.js';
import { errorCode } from './errorCode.js';

/** What the errors of this backend name as theirs. */
export const BACKEND = 'file';

/** Whether something failed for want of room. */
export function isFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(errorCode(error));
}

/** The typed error for a failure of the file system: which directory, what was tried, and the system's reason. */
export function storageFailure(error: unknown, attempt: string, directory: string): Error {
  if (error instanceof ShelflifeError || error instanceof TypeError) return error;
  const reason = error instanceof Error ? error.message : 'unknown reason';
  const options = { cause: error, backend: BACKEND };
  if (isFull(error)) {
    return new StorageQuotaError(`Cannot ${attempt} in ${directory}, the disk is full: ${reason}`, options);
  }
  const remedy = ['EACCES', 'EPERM'].includes(errorCode(error)) ? remedyFor(error, directory) : '';
  return new StorageUnavailableError(`Cannot ${attempt} in ${directory}: ${reason}${remedy}`, options);
}

/** Whose the file is that may not be used, and the command by which it becomes this user's. */
function remedyFor(error: unknown, directory: string): string {
  const user = geteuid?.();
  const path = pathOf(error);
  if (user === undefined || path === undefined) return '';
  for (const each of [path, directory]) {
    const owner = ownerOf(each);
    if (owner === undefined || owner === user) continue;
    return `. ${each} belongs to user ${owner}, and this is user ${user}. To mend that: sudo chown -R ${user} '${directory}'`;
  }
  return '';
}

function pathOf(error: unknown): string | undefined {
  const hasPath = typeof error === 'object' && error !== null && 'path' in error;
  return hasPath && typeof error.path === 'string' ? error.path : undefined;
}

function ownerOf(path: string): number | undefined {
  try {
    return lstatSync(path).uid;
  } catch {
    return undefined;
  }
}
