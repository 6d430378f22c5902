import type { KeyedQueue } from '../async/KeyedQueue.js';
import type { WeakValues } from '../async/WeakValues.js';
import type { Credentials } from '../credentials/Credentials.js';
import type { CheckedClock } from '../expiry/CheckedClock.js';
import type { HeapNode } from '../expiry/DeadlineHeap.js';
import type { Expiry } from '../expiry/Expiry.js';
import type { Scheduler } from '../expiry/Scheduler.js';
import type { StoredRecord } from '../record/StoredRecord.js';
import type { UnsavedRefresh } from '../record/UnsavedRefresh.js';
import type { SignalCell } from '../signals/SignalCell.js';
import type { StorageBackend } from '../storage/StorageBackend.js';
import type { BoundedStorage } from './BoundedStorage.js';
import type { CredentialStoreOptions } from './CredentialStoreOptions.js';
import type { ExpiryWatch } from './ExpiryWatch.js';
import type { Health } from './Health.js';
import type { Known } from './Known.js';
import type { Retry } from './Retry.js';
import type { UserCalls } from './UserCalls.js';

/** The options that have a default. */
type Defaulted =
  | 'autoRefresh'
  | 'leeway'
  | 'unknownExpiry'
  | 'codec'
  | 'namespace'
  | 'clock'
  | 'timeout'
  | 'refreshTimeout'
  | 'rejectedCodes';

/** Options with their defaults filled in. */
export type CheckedOptions = CredentialStoreOptions & {
  readonly [Name in Defaulted]: NonNullable<CredentialStoreOptions[Name]>;
};

/** What a store does by itself when it is due: writes refreshed credentials again, reads again, refreshes. */
export type Effect = 'save' | 'reload' | 'refresh';

/** The effects, handed in from above: what decides that one is due knows nothing of how it is done. */
export type Effects = Readonly<Record<Effect, (entry: EntryState) => void>>;

/** The inside of a store: what its entries share. */
export interface StoreState {
  readonly options: CheckedOptions;
  readonly effects: Effects;
  readonly context: BackendContext;
  readonly storage: BoundedStorage;
  readonly clock: CheckedClock;
  readonly scheduler: Scheduler<EntryState>;
  readonly users: UserCalls;
  readonly entries: WeakValues<EntryState>;
  readonly health: SignalCell<Health, StoreState>;
  /** Stops listening to the backend's hints; `undefined` while nobody listens. */
  stopHints: (() => void) | undefined;
  /** New calls are refused, running ones may end. */
  isClosing: boolean;
  isClosed: boolean;
}

/** What all stores on one backend object share. */
export interface BackendContext {
  readonly backend: StorageBackend;
  readonly stores: Set<StoreState>;
  readonly slots: WeakValues<Slot>;
  /** Writes to a key wait for each other. */
  readonly writes: KeyedQueue;
  /** The refreshes under way. */
  readonly flights: Set<Flight>;
  /** The keys with refreshed credentials that are not stored yet. */
  readonly saving: Set<Slot>;
  /** The leases that are held: each settles when it is given back. */
  readonly leases: Set<Promise<unknown>>;
}

/** One key of a backend object, whichever stores use it. */
export interface Slot {
  readonly context: BackendContext;
  /** The key of the backend. */
  readonly key: string;
  /** The number of the read or write that began last. */
  lastBegun: number;
  flight: Flight | undefined;
  saving: Saving | undefined;
}

/** Refreshed credentials on their way into storage. */
export interface Saving {
  readonly refresh: UnsavedRefresh;
  /** The entry of whoever asked for them. Its store may be closed by now. */
  readonly entry: EntryState;
  /** Why the last write failed. */
  retry: Retry | undefined;
  /** Another try that is under way. */
  attempt: Promise<void> | undefined;
  /** Lets the process end though they are not stored. */
  letGo: (() => void) | undefined;
}

/** A refresh under way: at most one for each slot. */
export interface Flight {
  /** The store that started it. */
  readonly store: StoreState;
  /** Whether a user asked for it, so that a remembered failure does not count. */
  readonly isExplicit: boolean;
  readonly promise: Promise<StoredRecord>;
  /** Whether a caller waits who will hear of a failure. */
  hasCaller: boolean;
  /** Whether it only repeated a failure that was remembered. */
  isRemembered: boolean;
  /** Whether the callback has been called and has not answered, and whether somebody asked for a token meanwhile. */
  isAsking: boolean;
  isJoinedWhileAsking: boolean;
  /**
   * What an answer that came too late brings. Rejects where it is no good, or has not come for as long again.
   * Until then nobody in this context sends the same refresh token.
   */
  late: Promise<StoredRecord> | undefined;
}

/** What a store knows of one entry, and who observes it. */
export interface EntryState extends HeapNode {
  readonly store: StoreState;
  readonly key: string;
  /** The key of the backend. */
  readonly storageKey: string;
  /** Found when first needed. */
  slot: Slot | undefined;
  known: Known;
  /** What was last read of storage, and what was last to be written: neither may appear in an error. */
  lastRead: Credentials | undefined;
  lastWritten: Credentials | undefined;
  wasRead: boolean;
  /** Whether a read in the background is under way, and whether it is to be followed by another. */
  reloading: 'no' | 'once' | 'again';
  /** How many observe its signals. */
  observers: number;
  /** What its expiry signals wait for. */
  watches: readonly ExpiryWatch[];
  signals: EntrySignals | undefined;
}

/** The signals of one entry, made when first asked for. */
export interface EntrySignals {
  credentials: SignalCell<Credentials | undefined, EntryState> | undefined;
  expiry: SignalCell<Expiry, EntryState> | undefined;
  timeLefts: TimeLeft[] | undefined;
}

/** A signal of the time left, told at every multiple of an interval before the deadline. */
export interface TimeLeft {
  /** Milliseconds. */
  readonly every: number;
  readonly cell: SignalCell<number | null, EntryState>;
  /** The deadline and the tick that were told last. */
  toldDeadline: number | null | undefined;
  toldTick: number;
}
