import { brand, type ShelflifeError } from './ShelflifeError.js';

/**
 * Tells whether a value is an error of this package, also one from another realm or another copy of it.
 *
 * @example
 * ```ts
 * entry.get().catch((error) => isShelflifeError(error) && console.warn(error.code));
 * ```
 */
export function isShelflifeError(value: unknown): value is ShelflifeError {
  try {
    return typeof value === 'object' && value !== null && brand in value;
  } catch {
    // A revoked proxy, for one.
    return false;
  }
}
