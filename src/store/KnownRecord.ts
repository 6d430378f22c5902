import type { ShelflifeError } from '../errors/ShelflifeError.js';
import { Failure } from './Failure.js';
import type { StoredRecord } from './StoredRecord.js';

/** What a read or a write found: the record (`undefined`: absent), or why it could not be read, or what is served all the same. */
export interface Found {
  readonly record?: StoredRecord | undefined;
  readonly error?: ShelflifeError;
}

/**
 * What is known of a record. Reads and writes are numbered, so that what was read earlier is never published over
 * what was read or written later.
 */
export class KnownRecord {
  /** Whether storage has answered. */
  isLoaded = false;
  record: StoredRecord | undefined;
  /** Why the last read failed, and when it is tried again. */
  failure: Failure | undefined;
  lastTicket = 0;
  #appliedTicket = 0;

  /** Numbers a read or a write before it begins. */
  takeTicket(): number {
    return (this.lastTicket += 1);
  }

  /** Whether a read with this ticket, or something later, has been applied. */
  isAsOf(ticket: number): boolean {
    return this.isLoaded && this.#appliedTicket >= ticket;
  }

  /** Takes over what was found, unless something later is known; whether it did. */
  apply(ticket: number, found: Found, now: number): boolean {
    if (ticket <= this.#appliedTicket) return false;
    this.#appliedTicket = ticket;
    this.failure = found.error && new Failure(found.error, this.failure, now);
    if ('record' in found) {
      this.isLoaded = true;
      this.record = found.record;
    }
    return true;
  }
}
