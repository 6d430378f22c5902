import { ShelflifeError } from './ShelflifeError.js';

/** The access token is expired or was invalidated, and nothing can refresh it here. */
export class CredentialsExpiredError extends ShelflifeError {
  override name = 'CredentialsExpiredError' as const;
  override readonly code = 'ERR_CREDENTIALS_EXPIRED' as const;
}
