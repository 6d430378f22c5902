import type { ShelflifeError } from '../errors/ShelflifeError.js';
import type { Expiry } from '../expiry/Expiry.js';
import { expiringFrom, toExpiry } from '../expiry/expiryOf.js';
import { ExpiryWatch } from '../expiry/ExpiryWatch.js';
import type { Scheduled } from '../expiry/Scheduler.js';
import { Failure } from '../refresh/Failure.js';
import type { Flight } from '../refresh/Flight.js';
import { startRefresh } from '../refresh/startRefresh.js';
import type { SignalHost } from '../signals/SignalCell.js';
import { EntrySignals } from './EntrySignals.js';
import type { Found } from './KnownRecord.js';
import { RecordReader } from './RecordReader.js';

/**
 * What a store knows of one entry, and who observes it. Level-triggered: the status is a function of the last
 * known record and the clock, and `publish` tells whoever has not heard.
 */
export class EntryState extends RecordReader implements Scheduled, SignalHost {
  dueAt = Infinity;
  heapIndex = -1;
  readonly signals: EntrySignals = new EntrySignals(this);
  #failure: Failure | undefined;
  #observers = 0;
  #watchers = 0;
  #watches: ExpiryWatch[] = [];

  /** Whether something needs the entry kept current. */
  override get isWatched(): boolean {
    return this.#watchers > 0;
  }

  get isClosed(): boolean {
    return this.store.isClosed;
  }

  hold(): () => void {
    return this.store.scheduler.hold();
  }

  reportListenerError(error: unknown): void {
    this.store.reportListenerError(error, this.secrets);
  }

  /** The expiry now. */
  get expiry(): Expiry {
    const { isLoaded, record } = this.known;
    const status = !isLoaded ? 'loading' : record ? this.statusOf(record) : 'absent';
    const refreshing = this.#flight?.isOver === false;
    return toExpiry(status, this.deadline, refreshing, this.known.error ?? this.#failure?.error);
  }

  /** Takes over what a read or a write found, unless something later is known, and publishes it. */
  override apply(ticket: number, found: Found): void {
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
    if (this.uncommitted) this.uncommitted.retryAt -= milliseconds;
  }

  /** The store closes: observers are completed, expiry signals abort. */
  close(): void {
    for (const watch of this.#watches) watch.end();
    this.signals.complete();
    this.store.scheduler.unwatch(this);
  }
}
