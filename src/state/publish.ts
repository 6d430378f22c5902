import { entriesOf } from './BackendContext.js';
import { dueEffects, isObserved, nextMoment } from './due.js';
import { updateSignals } from './updateSignals.js';
import { listenToHints, stopHints } from './hints.js';
import type { Known } from './Known.js';
import type { EntryState, Slot } from './model.js';
import type { Begun } from './order.js';

/** Takes over what a read or a write told, unless something later is known, and publishes it. */
export function takeOver(entry: EntryState, { number }: Begun, change: (known: Known) => Known): void {
  if (entry.store.isClosed || number <= entry.known.number) return;
  entry.known = change(entry.known);
  publish(entry);
}

/**
 * Does what is due, and tells observers what they have not heard: all signals take over their new values before the
 * first is told.
 */
export function publish(entry: EntryState): void {
  const { store } = entry;
  if (store.isClosed) return;
  const now = store.clock.now();
  for (const effect of dueEffects(entry, now)) store.effects[effect](entry);
  const changed = updateSignals(entry, store.clock.moment);
  endWatches(entry, store.clock.moment);
  if (lookAfter(entry)) store.scheduler.schedule(entry, nextMoment(entry, now));
  for (const cell of changed) cell.deliver();
}

/** Publishes the entries of a slot in all stores. */
export function publishAll(slot: Slot): void {
  for (const entry of entriesOf(slot)) publish(entry);
}

/**
 * Sets the deadline of an entry anew, since who needs it or what waits may have changed. One that is overdue stays:
 * it has not been seen to yet.
 */
export function reschedule(entry: EntryState): void {
  const now = entry.store.clock.now();
  if (lookAfter(entry) && entry.dueAt > now) entry.store.scheduler.schedule(entry, nextMoment(entry, now));
}

/** Looks after an entry while somebody needs it current or a write waits to be tried again; whether that is so. */
export function lookAfter(entry: EntryState): boolean {
  const { store, slot } = entry;
  const { watched } = store.scheduler;
  const isNeeded = !store.isClosed && (isObserved(entry) || !!slot?.saving?.retry);
  if (isNeeded === watched.has(entry)) return isNeeded;
  if (isNeeded) {
    store.scheduler.watch(entry);
    listenToHints(store);
  } else {
    store.scheduler.unwatch(entry);
    if (!watched.size) stopHints(store);
  }
  return isNeeded;
}

function endWatches(entry: EntryState, now: number): void {
  const { isLoaded, number, record } = entry.known;
  if (!isLoaded || !entry.watches.length) return;
  // Whoever is told may ask for another one meanwhile.
  const ended = entry.watches.filter((watch) => number >= watch.number && watch.check(record, now));
  if (ended.length) entry.watches = entry.watches.filter((watch) => !ended.includes(watch));
}
