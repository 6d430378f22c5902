import type { ShelflifeError } from '../errors/ShelflifeError.js';
import type { StoredRecord } from './StoredRecord.js';

/** What a read or a write found: the record (`undefined`: absent), or why it could not be read. */
export type Found = { readonly record: StoredRecord | undefined } | { readonly error: ShelflifeError };

/**
 * What is known of a record. Reads and writes are numbered, so that what was read earlier is never published over
 * what was read or written later.
 */
export class KnownRecord {
  /** Whether storage has answered. */
  isLoaded = false;
  record: StoredRecord | undefined;
  /** Why the last read failed. */
  error: ShelflifeError | undefined;
  lastTicket = 0;
  #appliedTicket = 0;

  /** Numbers a read before it begins, a write the moment it has happened. */
  takeTicket(): number {
    return (this.lastTicket += 1);
  }

  /** Whether a read with this ticket, or something later, has been applied. */
  isAsOf(ticket: number): boolean {
    return this.isLoaded && this.#appliedTicket >= ticket;
  }

  /** Takes over what was found, unless something later is known; whether it did. */
  apply(ticket: number, found: Found): boolean {
    if (ticket <= this.#appliedTicket) return false;
    this.#appliedTicket = ticket;
    this.error = 'error' in found ? found.error : undefined;
    if ('error' in found) return true;
    this.isLoaded = true;
    this.record = found.record;
    return true;
  }
}
