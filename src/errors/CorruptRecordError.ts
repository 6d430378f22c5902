import { ShelflifeError } from './ShelflifeError.js';

/** What is stored under the key is not a record. The bytes are left as they are until the next `set`, which keeps a copy aside. */
export class CorruptRecordError extends ShelflifeError {
  override name = 'CorruptRecordError' as const;
  override readonly code = 'ERR_CORRUPT_RECORD' as const;
}
