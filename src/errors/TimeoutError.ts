import { ShelflifeError } from './ShelflifeError.js';

/** The storage, a lock or the refresh callback did not answer in time. A write that did not may still happen. */
export class TimeoutError extends ShelflifeError {
  override name = 'TimeoutError' as const;
  override readonly code = 'ERR_TIMEOUT' as const;
  override readonly retryable: boolean = true;
}
