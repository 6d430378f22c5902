import { ShelflifeError } from '../../errors/ShelflifeError.js';
import { StorageQuotaError } from '../../errors/StorageQuotaError.js';
import { StorageUnavailableError } from '../../errors/StorageUnavailableError.js';
import { errorCode } from './errorCode.js';

/** What the errors of this backend name as theirs. */
export const BACKEND = 'file';

/** The typed error for a failure of the file system: which directory, what was tried, and the system's reason. */
export function storageFailure(error: unknown, attempt: string, directory: string): Error {
  if (error instanceof ShelflifeError || error instanceof TypeError) return error;
  const code = errorCode(error);
  const reason = error instanceof Error ? error.message : 'unknown reason';
  const options = { cause: error, backend: BACKEND };
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new StorageQuotaError(`Cannot ${attempt} in ${directory}, the disk is full: ${reason}`, options);
  }
  return new StorageUnavailableError(`Cannot ${attempt} in ${directory}: ${reason}`, options);
}
