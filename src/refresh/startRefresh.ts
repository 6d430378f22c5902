import { ClosedError } from '../errors/ClosedError.js';
import type { StoredRecord } from '../record/StoredRecord.js';
import { entriesOf, slotOf } from '../state/BackendContext.js';
import { whileRefreshing } from '../state/Known.js';
import type { EntryState, Flight, Slot } from '../state/model.js';
import { publish, publishAll } from '../state/publish.js';
import { fly } from './fly.js';

/** Who asks for a refresh. */
export interface Demand {
  /** Whether a user asked for it, so that a remembered failure does not count. */
  readonly isExplicit: boolean;
  /** Whether a caller waits who will hear of a failure. */
  readonly hasCaller: boolean;
}

/** Refreshes an entry, or joins the refresh under way. */
export function startRefresh(entry: EntryState, demand: Demand): Promise<StoredRecord> {
  const { store } = entry;
  const slot = slotOf(entry);
  if (slot.flight) return join(entry, slot.flight, demand);
  // Begun in a moment: whatever it calls finds the flight in its place.
  const promise = Promise.resolve().then(() => fly(entry, flight));
  const flight: Flight = {
    store,
    promise,
    ...demand,
    isRemembered: false,
    isAsking: false,
    isJoinedWhileAsking: false,
    late: undefined,
  };
  slot.flight = flight;
  store.context.flights.add(flight);
  void promise.then(
    () => land(slot, flight),
    (error) => {
      land(slot, flight);
      if (!flight.hasCaller) store.users.report(error);
      // Others may know more.
      for (const each of entriesOf(slot)) store.effects.reload(each);
    },
  );
  for (const other of entriesOf(slot)) {
    other.known = whileRefreshing(other.known, true);
    if (other !== entry || demand.hasCaller) publish(other);
  }
  return promise;
}

/**
 * Ends a flight, whose outcome all entries know. It is there until then, and until an answer that is late has come,
 * lest what is published starts another at once.
 */
function land(slot: Slot, flight: Flight): void {
  const end = (): void => {
    slot.flight = undefined;
    slot.context.flights.delete(flight);
    publishAll(slot);
  };
  if (!flight.late) return end();
  publishAll(slot);
  void flight.late.then(end, end);
}

/** Waits for the refresh under way. */
function join(entry: EntryState, flight: Flight, demand: Demand): Promise<StoredRecord> {
  const again = (): Promise<StoredRecord> => startRefresh(entry, demand);
  if (flight.isAsking && demand.hasCaller) flight.isJoinedWhileAsking = true;
  if (flight.late) return flight.promise.catch(() => flight.late!).catch(again);
  flight.hasCaller ||= demand.hasCaller;
  return flight.promise.catch((error: unknown) => {
    // The store that started it was closed, and this one was not; or this one asks again where that did not.
    const isLeft = error instanceof ClosedError && !entry.store.isClosed;
    if (isLeft || (demand.isExplicit && flight.isRemembered)) return again();
    throw error;
  });
}
