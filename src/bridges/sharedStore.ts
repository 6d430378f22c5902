import { memoryBackend } from '../storage/memory.js';
import type { StorageBackend } from '../storage/StorageBackend.js';
import { KeyedQueue } from '../async/KeyedQueue.js';

/** What backend objects on one store have in common. */
export interface SharedStore {
  readonly lease: NonNullable<StorageBackend['lease']>;
  readonly listeners: Set<(key: string) => void>;
}

interface Registry {
  /** Turns by the name of the bridge and the key: two objects may stand for one store, and nobody can tell. */
  readonly turns: KeyedQueue;
  readonly stores: WeakMap<object, SharedStore>;
}

/** Registered, so that two copies of the package in one process find the same. */
const symbol = Symbol.for('shelflife.bridges');

function registry(): Registry {
  const host = globalThis as { [symbol]?: Registry };
  return (host[symbol] ??= { turns: new KeyedQueue(), stores: new WeakMap() });
}

/** Runs work on a key of a store when everything before it, in the whole process, came to an end. */
export function runInTurn<T>(bridge: string, key: string, work: () => Promise<T>): Promise<T> {
  return registry().turns.run(`${bridge}:${key}`, work);
}

/** What all backend objects on a store share. */
export function sharedStore(identity: object): SharedStore {
  const { stores } = registry();
  const known = stores.get(identity);
  if (known) return known;
  const { lease } = memoryBackend() as Required<StorageBackend>;
  const made = { lease, listeners: new Set<(key: string) => void>() };
  stores.set(identity, made);
  return made;
}
