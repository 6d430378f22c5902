import type { StorageBackend } from '../storage/StorageBackend.js';
import type { EntryState } from './EntryState.js';
import { KeyedQueue } from './KeyedQueue.js';
import type { StoreCore } from './StoreCore.js';
import type { StoredRecord } from './StoredRecord.js';
import type { Flight } from '../refresh/Flight.js';
import type { UncommittedRefresh } from '../refresh/UncommittedRefresh.js';

/**
 * What the stores on one backend object share: writes to a key queue, one refresh of a key runs at a time, and
 * what one store writes the others publish.
 */
export class BackendContext {
  readonly stores = new Set<StoreCore>();
  readonly flights = new Map<string, Flight>();
  readonly uncommitted = new Map<string, UncommittedRefresh>();
  readonly writes = new KeyedQueue();

  /** Refreshed credentials are stored now, or others are. */
  dropUncommitted(storageKey: string): void {
    this.uncommitted.get(storageKey)?.drop();
    this.uncommitted.delete(storageKey);
  }

  /** The refreshes and writes under way. */
  running(): Promise<unknown>[] {
    return [...[...this.flights.values()].map(({ promise }) => promise), ...this.writes.running()];
  }

  /** The states of an entry in all stores of this context. */
  states(storageKey: string): EntryState[] {
    return [...this.stores].flatMap((store) => store.existingState(storageKey) ?? []);
  }

  /**
   * To be called before a read that is published later, or the moment a write is known to have happened; what is
   * published by the returned function never overtakes something newer.
   */
  publisher(storageKey: string): (record: StoredRecord | undefined) => void {
    const tickets = this.states(storageKey).map((state) => [state, state.known.takeTicket()] as const);
    return (record) => {
      for (const [state, ticket] of tickets) state.apply(ticket, { record });
    };
  }
}

const contexts = /* @__PURE__ */ new WeakMap<StorageBackend, BackendContext>();

/** The context of a backend object. */
export function contextOf(backend: StorageBackend): BackendContext {
  let context = contexts.get(backend);
  if (!context) contexts.set(backend, (context = new BackendContext()));
  return context;
}
