import { ShelflifeError } from './ShelflifeError.js';

/** The storage could not be reached, read or written. */
export class StorageUnavailableError extends ShelflifeError {
  override name = 'StorageUnavailableError' as const;
  override readonly code = 'ERR_STORAGE_UNAVAILABLE' as const;
  override readonly retryable: boolean = true;
}
