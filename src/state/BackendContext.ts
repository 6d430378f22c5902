import { KeyedQueue } from '../async/KeyedQueue.js';
import { WeakValues } from '../async/WeakValues.js';
import type { StorageBackend } from '../storage/StorageBackend.js';
import type { BackendContext, EntryState, Slot } from './model.js';

const contexts = /* @__PURE__ */ new WeakMap<StorageBackend, BackendContext>();

/** What all stores on a backend object share. */
export function contextOf(backend: StorageBackend): BackendContext {
  let context = contexts.get(backend);
  if (!context) {
    context = {
      backend,
      stores: new Set(),
      slots: new WeakValues(),
      writes: new KeyedQueue(),
      flights: new Set(),
      saving: new Set(),
      leases: new Set(),
    };
    contexts.set(backend, context);
  }
  return context;
}

/** The slot of an entry: the same for the entries of all stores on the key. */
export function slotOf(entry: EntryState): Slot {
  if (entry.slot) return entry.slot;
  const { storageKey: key, store } = entry;
  const { context } = store;
  let slot = context.slots.get(key);
  if (!slot) {
    slot = {
      context,
      key,
      lastBegun: 0,
      flight: undefined,
      saving: undefined,
    };
    context.slots.set(key, slot);
  }
  return (entry.slot = slot);
}

/** The entries of all open stores on a slot. */
export function entriesOf(slot: Slot): EntryState[] {
  const found: EntryState[] = [];
  for (const { entries } of slot.context.stores) {
    const entry = entries.get(slot.key);
    if (!entry) continue;
    entry.slot = slot;
    found.push(entry);
  }
  return found;
}

/** Does work under a lease, during which nobody calls users. */
export async function withoutUserCalls<T>({ leases }: BackendContext, work: () => Promise<T>): Promise<T> {
  const running = work();
  leases.add(running);
  try {
    return await running;
  } finally {
    leases.delete(running);
  }
}
