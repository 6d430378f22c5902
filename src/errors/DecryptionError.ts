import { ShelflifeError } from './ShelflifeError.js';

/**
 * A record that no key opens, that was altered, or that belongs to another key. It is left as it is: nothing overwrites
 * or deletes it.
 *
 * To give such a record up, delete it through a store on the backend that is encrypted, without the encryption.
 */
export class DecryptionError extends ShelflifeError {
  override name = 'DecryptionError' as const;
  override readonly code = 'ERR_DECRYPTION' as const;
}
