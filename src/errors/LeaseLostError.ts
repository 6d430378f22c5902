import { ShelflifeError } from './ShelflifeError.js';

/** The lease was lost while a refresh was under way. The refresh goes on, and the commit decides. */
export class LeaseLostError extends ShelflifeError {
  override name = 'LeaseLostError' as const;
  override readonly code = 'ERR_LEASE_LOST' as const;
  override readonly retryable: boolean = true;
}
