import { ShelflifeError } from './ShelflifeError.js';

/** The record was written by a newer version of this package. It is left alone; `delete()` works. */
export class UnsupportedVersionError extends ShelflifeError {
  override name = 'UnsupportedVersionError' as const;
  override readonly code = 'ERR_UNSUPPORTED_VERSION' as const;
}
