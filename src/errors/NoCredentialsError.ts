import { ShelflifeError } from './ShelflifeError.js';

/** Nothing is stored under the key: the user is signed out. */
export class NoCredentialsError extends ShelflifeError {
  override name = 'NoCredentialsError' as const;
  override readonly code = 'ERR_NO_CREDENTIALS' as const;
}
