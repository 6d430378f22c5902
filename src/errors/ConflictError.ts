import { ShelflifeError } from './ShelflifeError.js';

/** The record was changed by somebody else meanwhile, and theirs stays. */
export class ConflictError extends ShelflifeError {
  override name = 'ConflictError' as const;
  override readonly code = 'ERR_CONFLICT' as const;
  override readonly retryable: boolean = true;
}
