import type { StorageBackend } from '../storage/StorageBackend.js';
import type { EntryState } from './EntryState.js';
import { KeyedQueue } from './KeyedQueue.js';
import type { StoreCore } from './StoreCore.js';
import type { StoredRecord } from './StoredRecord.js';
import type { Flight } from '../refresh/Flight.js';
import type { UncommittedRefresh } from '../refresh/UncommittedRefresh.js';

/** Publishes what was read or written; resolves when all signals have it. */
export type Publish = (record: StoredRecord | undefined) => Promise<unknown>;

/**
 * What the stores on one backend object share: writes to a key queue, one refresh of a key runs at a time, and
 * what one store writes the others publish.
 */
export class BackendContext {
  readonly stores = new Set<StoreCore>();
  readonly flights = new Map<string, Flight>();
  readonly uncommitted = new Map<string, UncommittedRefresh>();
  readonly writes = new KeyedQueue();

  /** These refreshed credentials are stored now, or others are. What was refreshed since stays. */
  dropUncommitted(storageKey: string, refresh: UncommittedRefresh | undefined): void {
    if (!refresh || this.uncommitted.get(storageKey) !== refresh) return;
    this.uncommitted.delete(storageKey);
    refresh.letGo();
    this.uncommittedChanged(storageKey);
  }

  /** The write of refreshed credentials failed, or no longer waits: who looks after it, and how the storage is doing. */
  uncommittedChanged(storageKey: string): void {
    for (const state of this.states(storageKey)) state.rearm();
    for (const store of this.stores) store.healthChanged();
  }

  /** The refreshes of a store and the writes under way. */
  running(store: StoreCore): Promise<unknown>[] {
    const flights = [...this.flights.values()].filter((flight) => flight.store === store);
    return [...flights.flatMap(({ promise, late }) => [promise, late]), ...this.writes.running()] as never;
  }

  /** The states of an entry in all stores of this context. */
  states(storageKey: string): EntryState[] {
    return [...this.stores].flatMap((store) => store.existingState(storageKey) ?? []);
  }

  /** Tells observers in all stores what they have not heard. */
  publish(storageKey: string): void {
    for (const state of this.states(storageKey)) state.publish();
  }

  /**
   * To be called before a read or a write that is published later by the returned function. Where another one has
   * begun meanwhile, nobody can say which is the later: then storage is read again.
   */
  publisher(storageKey: string): Publish {
    const tickets = new Map(this.states(storageKey).map((state) => [state, state.known.takeTicket()]));
    return (record) =>
      Promise.all(
        this.states(storageKey).map((state) => {
          const ticket = tickets.get(state);
          if (ticket === state.known.lastTicket) return state.apply(ticket, { record });
          return (async () => state.read())().catch(() => {});
        }),
      );
  }
}

const contexts = /* @__PURE__ */ new WeakMap<StorageBackend, BackendContext>();

/** The context of a backend object. */
export function contextOf(backend: StorageBackend): BackendContext {
  let context = contexts.get(backend);
  if (!context) contexts.set(backend, (context = new BackendContext()));
  return context;
}
