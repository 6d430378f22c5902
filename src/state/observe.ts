import type { SignalHost } from '../signals/SignalKind.js';
import { isObserved } from './due.js';
import type { EntryState } from './model.js';
import { lookAfter, publish, reschedule } from './publish.js';

/** Begins to look after an entry that somebody needs current: it is read, and who has not heard what is new is told. */
export function keepCurrent(entry: EntryState, change: () => void): void {
  const wasObserved = isObserved(entry);
  change();
  // Before the read, so that no hint is missed.
  lookAfter(entry);
  const before = entry.known;
  if (!wasObserved) entry.store.effects.reload(entry);
  // A read that was answered at once has been published.
  if (entry.known === before) publish(entry);
}

/** Before an entry is looked at that nothing keeps current: its first read, or every one where storage answers at once. */
export function readIfUnobserved(entry: EntryState): void {
  const { store, wasRead, known } = entry;
  if (isObserved(entry) || store.isClosed) return;
  if (!(wasRead || known.isLoaded) || store.storage.isSynchronous) store.effects.reload(entry);
}

/** An entry as what its signals belong to. */
export const entryHost: SignalHost<EntryState> = {
  isClosed: ({ store }) => store.isClosed,
  basis(entry) {
    readIfUnobserved(entry);
    return entry.known;
  },
  now: ({ store }) => store.clock.moment,
  observe: (entry) => keepCurrent(entry, () => (entry.observers += 1)),
  unobserve(entry) {
    entry.observers -= 1;
    reschedule(entry);
  },
  hold: ({ store }) => store.scheduler.hold(),
  reportListenerError: ({ store }, error) => store.users.reportListenerError(error),
};
