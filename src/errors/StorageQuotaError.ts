import { ShelflifeError } from './ShelflifeError.js';

/** The storage is full. What was stored before is still there. */
export class StorageQuotaError extends ShelflifeError {
  override name = 'StorageQuotaError' as const;
  override readonly code = 'ERR_STORAGE_QUOTA' as const;
  override readonly retryable: boolean = true;
}
