import { ShelflifeError } from './ShelflifeError.js';

/** A key to encrypt or decrypt with can't be had: the keychain is locked, say. What is stored is left as it is. */
export class KeyUnavailableError extends ShelflifeError {
  override name = 'KeyUnavailableError' as const;
  override readonly code = 'ERR_KEY_UNAVAILABLE' as const;
  /** True where the key may be had later: a keychain can be unlocked. */
  override readonly retryable: boolean = true;
}
