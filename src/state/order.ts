import { slotOf } from './BackendContext.js';
import type { EntryState, Saving, Slot } from './model.js';
import type { StoredRecord } from '../record/StoredRecord.js';

/**
 * A read or a write that has begun. They are numbered as they begin: what a read finds counts unless a later one has
 * been taken over; what a write stored counts only if nothing began since, else nobody can say which is the later.
 */
export interface Begun {
  readonly slot: Slot;
  readonly number: number;
  /** The refreshed credentials that waited to be stored when it began. */
  readonly saving: Saving | undefined;
}

/** Begins a read, or the comparison of a write. */
export function begin(entry: EntryState): Begun {
  const slot = slotOf(entry);
  slot.lastBegun += 1;
  return { slot, number: slot.lastBegun, saving: slot.saving };
}

/** Whether nothing began since. */
export function isLast({ slot, number }: Begun): boolean {
  return number === slot.lastBegun;
}

/** The number of the first read that begins from now on. */
export function nextNumber(entry: EntryState): number {
  return slotOf(entry).lastBegun + 1;
}

/** What a read or a write found to be stored, which nobody has been told of yet. */
export interface Found {
  readonly begun: Begun;
  readonly record: StoredRecord | undefined;
}
