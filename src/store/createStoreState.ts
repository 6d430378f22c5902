import { WeakValues } from '../async/WeakValues.js';
import { CheckedClock } from '../expiry/CheckedClock.js';
import { Scheduler } from '../expiry/Scheduler.js';
import { storageKey } from '../record/storageKeys.js';
import { saveAgain } from '../refresh/saveRefreshed.js';
import { startRefresh } from '../refresh/startRefresh.js';
import { contextOf, slotOf } from '../state/BackendContext.js';
import { BoundedStorage } from '../state/BoundedStorage.js';
import { createHealthSignal, healthChanged } from '../state/healthSignal.js';
import { afterClockSetBack, afterOnline, nothingKnown, whileRefreshing } from '../state/Known.js';
import type { CheckedOptions, Effects, EntryState, StoreState } from '../state/model.js';
import { publish } from '../state/publish.js';
import { reload, secretsIn } from '../state/read.js';
import { afterSetBack } from '../state/Retry.js';
import { UserCalls } from '../state/UserCalls.js';

/** What is done when it is due. What decides that stands below, and calls it by these names. */
const effects: Effects = {
  reload,
  save: (entry) => void saveAgain(slotOf(entry)),
  refresh: (entry) => void startRefresh(entry, { isExplicit: false, hasCaller: false }),
};

/** Puts the inside of a store together. */
export function createStoreState(options: CheckedOptions): StoreState {
  const context = contextOf(options.storage);
  const entries = new WeakValues<EntryState>();
  const clock = new CheckedClock(options.clock);
  const secrets = (): string[] => [...entries].flatMap(secretsIn);
  const store = {
    options,
    effects,
    context,
    clock,
    entries,
    storage: new BoundedStorage(options.storage, options.timeout, () => healthChanged(store)),
    scheduler: new Scheduler<EntryState>(clock, { tick: publish, wake, shortenWait }),
    users: new UserCalls(options.onError, context.leases, secrets),
    stopHints: undefined,
    isClosing: false,
    isClosed: false,
  } as { -readonly [Member in keyof StoreState]: StoreState[Member] };
  store.health = createHealthSignal(store);
  context.stores.add(store);
  return store;
}

/** The host may have slept: what is stored may have changed as well. */
function wake(entry: EntryState, isOnline: boolean): void {
  if (isOnline) entry.known = afterOnline(entry.known);
  reload(entry);
  publish(entry);
}

function shortenWait(entry: EntryState, milliseconds: number): void {
  entry.known = afterClockSetBack(entry.known, milliseconds);
  const { saving } = slotOf(entry);
  if (saving?.retry) saving.retry = afterSetBack(saving.retry, milliseconds);
}

/** The entry of a key, the same while anyone holds or observes it. */
export function entryOf(store: StoreState, key: string): EntryState {
  const stored = storageKey(store.options.namespace, key);
  let entry = store.entries.get(stored);
  if (!entry) {
    const slot = store.context.slots.get(stored);
    entry = {
      store,
      key,
      storageKey: stored,
      slot,
      known: slot?.flight && !slot.flight.late ? whileRefreshing(nothingKnown, true) : nothingKnown,
      lastRead: undefined,
      lastWritten: undefined,
      wasRead: false,
      reloading: 'no',
      observers: 0,
      watches: [],
      signals: undefined,
      dueAt: Infinity,
      heapIndex: -1,
    };
    store.entries.set(stored, entry);
  }
  return entry;
}
