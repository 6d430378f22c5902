import type { Credentials } from '../credentials/Credentials.js';
import type { ShelflifeError } from '../errors/ShelflifeError.js';
import type { Expiry, ExpiryStatus } from '../expiry/Expiry.js';
import { expiringFrom, statusOf } from '../expiry/expiryOf.js';
import { ExpiryWatch } from '../expiry/ExpiryWatch.js';
import type { Scheduled } from '../expiry/Scheduler.js';
import type { Flight } from '../refresh/Flight.js';
import { Failure } from '../refresh/Failure.js';
import { startRefresh } from '../refresh/startRefresh.js';
import type { UncommittedRefresh } from '../refresh/UncommittedRefresh.js';
import type { MaybePromise } from '../storage/StorageBackend.js';
import { attempt } from './isPromise.js';
import { EntrySignals } from './EntrySignals.js';
import { type Found, KnownRecord } from './KnownRecord.js';
import { secretsOf } from './secretsOf.js';
import type { StoreCore } from './StoreCore.js';
import { decodeRecord, type StoredRecord } from './StoredRecord.js';

/**
 * What a store knows of one entry, and who observes it. Level-triggered: the status is a function of the last
 * known record and the clock, and `publish` tells whoever has not heard.
 */
export class EntryState implements Scheduled {
  dueAt = Infinity;
  heapIndex = -1;
  readonly known = new KnownRecord();
  readonly signals: EntrySignals = new EntrySignals(this);
  readonly store: StoreCore;
  readonly key: string;
  readonly storageKey: string;
  #failure: Failure | undefined;
  #concealed: Credentials | undefined;
  #expiry: { readonly value: Expiry; readonly members: readonly unknown[] } | undefined;
  #observers = 0;
  #watchers = 0;
  #watches: ExpiryWatch[] = [];
  #isReading = false;
  #readsAgain = false;

  constructor(store: StoreCore, key: string, storageKey: string) {
    this.store = store;
    this.key = key;
    this.storageKey = storageKey;
  }

  /** Whether something needs the entry kept current. */
  get isWatched(): boolean {
    return this.#watchers > 0;
  }

  get record(): StoredRecord | undefined {
    return this.known.record;
  }

  get deadline(): number | null | undefined {
    return this.record?.lifetime.deadline;
  }

  get now(): number {
    return this.store.clock.now();
  }

  get isClosed(): boolean {
    return this.store.isClosed;
  }

  /** Refreshed credentials on their way into storage. */
  get uncommitted(): UncommittedRefresh | undefined {
    return this.store.context.uncommitted.get(this.storageKey);
  }

  /** The strings that must not appear in the text of an error. */
  get secrets(): string[] {
    return secretsOf(this.record?.credentials, this.#concealed);
  }

  /** Makes sure that the tokens in credentials to be written appear in no error either. */
  conceal(credentials: Credentials): void {
    this.#concealed = credentials;
  }

  hold(): () => void {
    return this.store.scheduler.hold();
  }

  reportListenerError(error: unknown): void {
    this.store.reportListenerError(error, this.secrets);
  }

  statusOf({ lifetime, mark }: StoredRecord): ExpiryStatus {
    return statusOf(lifetime, this.now, { ...this.store.options, mark });
  }

  /** Whether the access token of a record may be given out. */
  isGood(record: StoredRecord): boolean {
    const status = this.statusOf(record);
    return status === 'fresh' || status === 'expiring';
  }

  /** The expiry now; the same object while no member changed. */
  get expiry(): Expiry {
    const { isLoaded, record } = this.known;
    const status = !isLoaded ? 'loading' : record ? this.statusOf(record) : 'absent';
    const { deadline = null } = this;
    const refreshing = this.#flight?.isOver === false;
    const error = this.known.error ?? this.#failure?.error;
    const members = [status, deadline, refreshing, error];
    const last = this.#expiry;
    if (last && members.every((member, index) => member === last.members[index])) return last.value;
    const expiresAt = deadline === null ? null : Object.freeze(new Date(deadline));
    const value = Object.freeze({ status, expiresAt, refreshing, error } as const);
    this.#expiry = { value, members };
    return value;
  }

  /** Before a signal is read while nothing keeps it current: the first read of storage, or every one where it answers at once. */
  touch(): void {
    if (this.#watchers || this.store.isClosed) return;
    if (!this.known.lastTicket || this.store.storage.isSynchronous) this.reload();
  }

  /** Reads storage in the background; once more if a read that may have been too early is under way. */
  reload(): void {
    if (this.#isReading) {
      this.#readsAgain = true;
      return;
    }
    this.#isReading = true;
    const ended = (): void => {
      this.#isReading = false;
      if (!this.#readsAgain) return;
      this.#readsAgain = false;
      this.reload();
    };
    void attempt(
      () => this.read(),
      ended,
      (error) => {
        this.store.report(error);
        ended();
      },
    );
  }

  /** Reads storage and publishes what it read. */
  read(): MaybePromise<StoredRecord | undefined> {
    const ticket = this.known.takeTicket();
    return attempt(
      () => this.peek(),
      (record) => {
        this.apply(ticket, { record });
        return record;
      },
      (error) => {
        this.apply(ticket, { error: error as ShelflifeError });
        if (this.uncommitted && this.record) return this.record;
        throw error;
      },
    );
  }

  /** Reads storage and tells nobody. */
  peek(): MaybePromise<StoredRecord | undefined> {
    const { storage } = this.store;
    return attempt(
      () => storage.get(this.storageKey, this),
      (text) => this.decode(text),
      (error) => {
        throw error;
      },
    );
  }

  /** The record in a stored text, with what waits in memory for its write. */
  decode(text: string | undefined): StoredRecord | undefined {
    const { uncommitted, record, store } = this;
    const { context, storage, options } = store;
    let stored: StoredRecord | undefined;
    try {
      if (text !== undefined)
        stored = text === record?.text && !uncommitted ? record : decodeRecord(text, options.codec);
    } catch (error) {
      throw storage.failed(error, 'read', this);
    }
    if (stored && stored.tokens === uncommitted?.storedTokens) return uncommitted.over(stored);
    context.dropUncommitted(this.storageKey);
    return stored;
  }

  /** Takes over what a read or a write found, unless something later is known, and publishes it. */
  apply(ticket: number, found: Found): void {
    const before = this.record;
    if (this.store.isClosed || !this.known.apply(ticket, found)) return;
    const { record } = this;
    const failure = this.#failure;
    // What a refresh of ours brings is judged at its end.
    if (failure && !this.#flight) {
      if (record?.tokens !== before?.tokens) this.#failure = undefined;
      // A rejection holds for one revision: after `invalidate()` a refresh may be asked for once more.
      else if (record?.revision !== before?.revision) failure.retryAt = 0;
    }
    this.publish();
  }

  /** Tells observers what they have not heard: all signals take over their new values before the first is told. */
  publish(): void {
    if (this.store.isClosed) return;
    if (this.#isRefreshDue()) void startRefresh(this, false);
    const changed = this.signals.update();
    this.#checkWatches();
    this.#schedule();
    for (const signal of changed) signal.deliver();
  }

  #isRefreshDue(): boolean {
    const { store, record } = this;
    if (!this.#observers || !record || !store.refreshesByItself || this.#flight) return false;
    return this.statusOf(record) !== 'fresh' && store.clock.now() >= (this.#failure?.retryAt ?? -Infinity);
  }

  get #flight(): Flight | undefined {
    return this.store.context.flights.get(this.storageKey);
  }

  /** A refresh of this context ended, successfully where there is no error. */
  refreshEnded(error: ShelflifeError | undefined): void {
    this.#failure = error && new Failure(error, this.#failure, this.now);
  }

  /** Somebody observes: the entry is kept current, and refreshed by itself. */
  observe(): void {
    this.#observers += 1;
    this.watch();
    this.publish();
  }

  unobserve(): void {
    this.#observers -= 1;
    this.unwatch();
  }

  /** Something needs the entry kept current. */
  watch(): void {
    this.#watchers += 1;
    if (this.#watchers > 1) return;
    this.store.watch(this);
    this.reload();
  }

  unwatch(): void {
    this.#watchers -= 1;
    if (!this.#watchers) this.store.unwatch(this);
  }

  /** A signal that aborts with the end of what is stored now. */
  expirySignal(): AbortSignal {
    const isCurrent = this.#watchers > 0 || this.store.storage.isSynchronous === true;
    this.touch();
    const running = this.#watches.find((watch) => isCurrent && watch.isFor(this.record));
    if (running) return running.signal;
    const watch = new ExpiryWatch(isCurrent ? 0 : this.known.lastTicket + 1);
    if (this.store.isClosed) watch.end();
    else {
      this.#watches.push(watch);
      this.watch();
      this.publish();
    }
    return watch.signal;
  }

  #checkWatches(): void {
    if (!this.#watches.length) return;
    const now = this.now;
    const { known } = this;
    const ended = this.#watches.filter(
      (watch) => known.isAsOf(watch.ticket) && watch.check(known.record, now),
    );
    this.#watches = this.#watches.filter((watch) => !ended.includes(watch));
    for (const _ of ended) this.unwatch();
  }

  #schedule(): void {
    const { record, store } = this;
    const now = store.clock.now();
    const moments = [
      ...this.signals.ticks(now),
      ...this.#watches.map((watch) => watch.deadline),
      this.uncommitted?.retryAt,
    ];
    if (record)
      moments.push(
        expiringFrom(record.lifetime, store.options.leeway),
        record.lifetime.deadline ?? undefined,
      );
    if (this.#observers) moments.push(this.#failure?.retryAt);
    store.scheduler.schedule(
      this,
      Math.min(...moments.map((moment) => (moment && moment > now ? moment : Infinity))),
    );
  }

  tick(): void {
    void this.uncommitted?.retry(this.now);
    this.publish();
  }

  wake(online: boolean): void {
    const failure = this.#failure;
    if (online && failure && failure.retryAt < Infinity) failure.retryAt = 0;
    this.reload();
    this.publish();
  }

  shortenWait(milliseconds: number): void {
    if (this.#failure) this.#failure.retryAt -= milliseconds;
  }

  /** The store closes: observers are completed, expiry signals abort. */
  close(): void {
    for (const watch of this.#watches) watch.end();
    this.signals.complete();
    this.store.scheduler.unwatch(this);
  }
}
