import { CredentialsExpiredError } from '../errors/CredentialsExpiredError.js';
import type { ShelflifeError } from '../errors/ShelflifeError.js';
import type { Expiry } from '../expiry/Expiry.js';
import { expiringFrom, toExpiry } from '../expiry/expiryOf.js';
import { ExpiryWatch } from '../expiry/ExpiryWatch.js';
import type { Scheduled } from '../expiry/Scheduler.js';
import type { Flight } from '../refresh/Flight.js';
import { startRefresh } from '../refresh/startRefresh.js';
import type { SignalHost } from '../signals/SignalCell.js';
import { EntrySignals } from './EntrySignals.js';
import { Failure } from './Failure.js';
import { pausedError } from './Pause.js';
import type { Found } from './KnownRecord.js';
import { RecordReader } from './RecordReader.js';
import type { StoredRecord } from './StoredRecord.js';

/**
 * What a store knows of one entry, and who observes it. Level-triggered: the status is a function of the last
 * known record and the clock, and `publish` tells whoever has not heard.
 */
export class EntryState extends RecordReader implements Scheduled, SignalHost {
  dueAt = Infinity;
  heapIndex = -1;
  /** Whether the store looks after it. */
  #isWatched = false;
  readonly signals: EntrySignals = new EntrySignals(this);
  /** Why the last refresh failed, whatever it was, and when it is tried again. */
  #failure: Failure | undefined;
  #observers = 0;
  #watches: ExpiryWatch[] = [];

  override get isObserved(): boolean {
    return this.#observers > 0 || this.#watches.length > 0;
  }

  get isClosed(): boolean {
    return this.store.isClosed;
  }

  hold(): () => void {
    return this.store.scheduler.hold();
  }

  reportListenerError(error: unknown): void {
    this.store.reportListenerError(error);
  }

  /** The expiry now. */
  get expiry(): Expiry {
    const { isLoaded, record, failure } = this.known;
    // Nothing more is told of a record that was deleted.
    if (isLoaded && !record) return toExpiry('absent', null, false, failure?.error);
    const refreshing = this.#flight?.isOver === false;
    const status = record ? this.statusOf(record) : 'loading';
    const error = failure?.error ?? this.refreshFailure?.error ?? this.store.clock.error;
    return toExpiry(status, this.deadline, refreshing, error);
  }

  /** Takes over what a read or a write found, unless something later is known, and publishes it. */
  override apply(ticket: number, found: Found): void {
    const before = this.record;
    if (this.store.isClosed || !this.known.apply(ticket, found, this.now)) return;
    const { record, refreshFailure } = this;
    // A rejection holds for one revision: after `invalidate()` a refresh may be asked for once more.
    if (refreshFailure?.isPermanent && record?.revision !== before?.revision) refreshFailure.hasten();
    this.publish();
  }

  /** Tells observers what they have not heard: all signals take over their new values before the first is told. */
  publish(): void {
    if (this.store.isClosed) return;
    const { now, known, uncommitted } = this;
    if (uncommitted?.failure?.isDue(now)) void uncommitted.retry(this);
    if (this.isObserved && known.failure?.isDue(now)) this.reload();
    if (this.#isRefreshDue()) void startRefresh(this, false);
    const changed = this.signals.update();
    this.#checkWatches();
    this.rearm(true);
    for (const signal of changed) signal.deliver();
  }

  #isRefreshDue(): boolean {
    const { store, record, known, refreshFailure } = this;
    if (!this.#observers || !record || !store.refreshesByItself || this.#flight) return false;
    // A refresh begins with a read: while reads fail, they alone are tried again.
    if (known.failure || this.statusOf(record) === 'fresh' || store.clock.error) return false;
    return refreshFailure?.isDue(this.now) !== false;
  }

  /** Why the last refresh of these very tokens failed, and when it is tried again. */
  get refreshFailure(): Failure | undefined {
    return this.#failure?.tokens === this.record?.tokens ? this.#failure : undefined;
  }

  get #flight(): Flight | undefined {
    return this.store.context.flights.get(this.storageKey);
  }

  /** What is told while a server that asked to be left alone is to be. */
  get pausedError(): ShelflifeError | undefined {
    const { refreshFailure, now } = this;
    const left = refreshFailure?.pauseLeft(now);
    return left ? pausedError(refreshFailure!.error!, this.key, left) : undefined;
  }

  /** @throws {ShelflifeError} where the clock gives no time. */
  requireTime(): void {
    const { clock } = this.store;
    clock.now();
    if (clock.error) throw clock.error;
  }

  /**
   * A refresh of this context ended: it failed, or brought a record. One that brought
   * no fresh record counts as a failure for the next try. A failure holds for the tokens that it leaves.
   */
  refreshEnded(
    { tokens, isRemembered }: Flight,
    error: ShelflifeError | undefined,
    found?: StoredRecord,
  ): void {
    const isSettled = found && this.statusOf(found) === 'fresh';
    const before = this.#failure?.tokens === tokens ? this.#failure : undefined;
    const left = found ? found.tokens : tokens;
    this.#failure = isSettled
      ? undefined
      : new Failure(error, before, this.now, { tokens: left, isRemembered });
  }

  /** Somebody observes: the entry is kept current, and refreshed by itself. */
  observe(): void {
    const wasObserved = this.isObserved;
    this.#observers += 1;
    this.rearm();
    if (!wasObserved) this.reload();
    this.publish();
  }

  unobserve(): void {
    this.#observers -= 1;
    this.rearm();
  }

  /** A signal that aborts with the end of what is stored now. */
  expirySignal(): AbortSignal {
    const isCurrent = this.isObserved || this.store.storage.isSynchronous === true;
    if (isCurrent) this.touch();
    const running = this.#watches.find((watch) => isCurrent && watch.isFor(this.record));
    if (running) return running.signal;
    const watch = new ExpiryWatch(
      isCurrent ? 0 : this.known.lastTicket + 1,
      new CredentialsExpiredError('The credentials expired, were invalidated, or their session ended.', {
        key: this.key,
        backend: this.store.options.storage.name,
      }),
    );
    if (this.store.isClosed) watch.end();
    else {
      const wasObserved = this.isObserved;
      this.#watches.push(watch);
      this.rearm();
      if (!wasObserved) this.reload();
      this.publish();
    }
    return watch.signal;
  }

  #checkWatches(): void {
    const { known, moment } = this;
    // Whoever is told may ask for another one meanwhile.
    const ended = this.#watches.filter(
      (watch) => known.isAsOf(watch.ticket) && watch.check(known.record, moment),
    );
    if (ended.length) this.#watches = this.#watches.filter((watch) => !ended.includes(watch));
  }

  /**
   * Looks after the entry while somebody needs it current, or a write waits to be tried again; sets its deadline.
   * `isCaughtUp`: what is overdue has been seen to.
   */
  rearm(isCaughtUp = false): void {
    const { record, store, now, known, uncommitted, dueAt } = this;
    const isNeeded = !store.isClosed && (this.isObserved || !!uncommitted?.failure);
    if (isNeeded !== this.#isWatched) {
      this.#isWatched = isNeeded;
      if (isNeeded) store.watch(this);
      else store.unwatch(this);
    }
    if (!isNeeded) return;
    if (!isCaughtUp && dueAt <= now) return;
    const moments = [
      ...this.signals.ticks(now),
      ...this.#watches.map((watch) => watch.deadline),
      uncommitted?.failure?.retryAt,
      known.failure?.retryAt,
    ];
    if (record) moments.push(expiringFrom(record.lifetime, store.options.leeway), this.deadline ?? undefined);
    if (this.#observers) moments.push(this.refreshFailure?.retryAt);
    store.scheduler.schedule(
      this,
      Math.min(...moments.map((moment = Infinity) => (moment > now ? moment : Infinity))),
    );
  }

  tick(): void {
    this.publish();
  }

  wake(online: boolean): void {
    const { refreshFailure } = this;
    if (online && !refreshFailure?.isPermanent) refreshFailure?.hasten();
    this.reload();
    this.publish();
  }

  shortenWait(milliseconds: number): void {
    for (const failure of [this.#failure, this.known.failure, this.uncommitted?.failure]) {
      failure?.shorten(milliseconds);
    }
  }

  /** The store closes: observers are completed, expiry signals abort. */
  close(): void {
    for (const watch of this.#watches) watch.end();
    this.signals.complete();
    this.rearm();
  }
}
