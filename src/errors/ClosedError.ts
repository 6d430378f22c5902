import { ShelflifeError } from './ShelflifeError.js';

/** The store was closed. */
export class ClosedError extends ShelflifeError {
  override name = 'ClosedError' as const;
  override readonly code = 'ERR_CLOSED' as const;
}
