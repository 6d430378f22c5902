import { refusalCause } from './refusalCause.js';
import { ShelflifeError, type ShelflifeErrorOptions } from './ShelflifeError.js';

/** The authorization server will not refresh these credentials: the user has to sign in again. Throw it from the `refresh` callback to say so. */
export class RefreshRejectedError extends ShelflifeError {
  override name = 'RefreshRejectedError' as const;
  override readonly code = 'ERR_REFRESH_REJECTED' as const;

  constructor(message?: string, options: ShelflifeErrorOptions = {}) {
    super(message, refusalCause(options));
  }
}
