import { ClosedError } from '../errors/ClosedError.js';
import { ShelflifeError } from '../errors/ShelflifeError.js';
import { summarizeCause } from '../errors/summarizeCause.js';
import { CheckedClock } from '../expiry/CheckedClock.js';
import { Scheduler } from '../expiry/Scheduler.js';
import { SignalCell, type SignalHost } from '../signals/SignalCell.js';
import { type BackendContext, contextOf } from './BackendContext.js';
import { BoundedStorage } from './BoundedStorage.js';
import type { CheckedOptions } from './checkOptions.js';
import { EntryState } from './EntryState.js';
import type { Health } from './Health.js';
import { holdOn, type Reference, referTo } from './referTo.js';
import { storageKey } from './storageKeys.js';
import { whileHeld, withTimeout } from './withTimeout.js';

/** The inside of a store: what its entries share. */
export class StoreCore implements SignalHost {
  readonly options: CheckedOptions;
  readonly clock: CheckedClock;
  readonly scheduler: Scheduler;
  readonly storage: BoundedStorage;
  readonly context: BackendContext;
  readonly health: SignalCell<Health>;
  isClosed = false;
  /** New calls are refused, running ones may end. */
  isClosing = false;
  readonly #states = new Map<string, Reference<EntryState>>();
  /** From how many states on those that nobody holds are forgotten. */
  #sweepFrom = 1000;
  readonly #watched = new Set<EntryState>();
  readonly #pending = new Set<(error: unknown) => void>();
  #unsubscribe: (() => void) | undefined;
  #closing: Promise<void> | undefined;
  /** The locks that are held: each settles when it is given back. */
  readonly #locks = new Set<Promise<void>>();

  constructor(options: CheckedOptions) {
    this.options = options;
    this.clock = new CheckedClock(options.clock);
    this.scheduler = new Scheduler(this.clock);
    this.context = contextOf(options.storage);
    this.storage = new BoundedStorage(this);
    this.context.stores.add(this);
    this.health = new SignalCell<Health>(this, () => this.storage.health, this.storage.health);
  }

  // Health needs nothing to be kept current.
  observe(): void {}
  unobserve(): void {}

  hold(): () => void {
    return this.scheduler.hold();
  }

  get refreshesByItself(): boolean {
    return !!this.options.refresh && this.options.autoRefresh && !this.isClosing;
  }

  /** The state of an entry, the same while anyone holds or observes the entry. */
  state(key: string): EntryState {
    const stored = storageKey(this.options.namespace, key);
    let state = this.existingState(stored);
    if (!state) {
      state = new EntryState(this, key, stored);
      this.#states.set(stored, referTo(state));
      if (this.#states.size > this.#sweepFrom) this.#sweep();
    }
    return state;
  }

  #sweep(): void {
    for (const [stored, reference] of this.#states) if (!reference.deref()) this.#states.delete(stored);
    this.#sweepFrom = this.#states.size * 2 + 1000;
  }

  existingState(stored: string): EntryState | undefined {
    return this.#states.get(stored)?.deref();
  }

  /** The strings that must not appear in the text of an error that is about no entry in particular. */
  get secrets(): string[] {
    return [...this.#states.values()].flatMap((reference) => reference.deref()?.secrets ?? []);
  }

  /** Keeps an entry current: it is held, timed, and read again when the backend hints at a change. */
  watch(state: EntryState): void {
    this.#watched.add(state);
    this.scheduler.watch(state);
    try {
      this.#unsubscribe ??= this.options.storage.subscribe?.((stored) => {
        for (const watched of [...this.#watched])
          if (stored === undefined || stored === watched.storageKey) watched.reload();
      });
    } catch (error) {
      this.report(this.storage.failed(error, 'subscribe', state));
    }
  }

  unwatch(state: EntryState): void {
    this.#watched.delete(state);
    this.scheduler.unwatch(state);
    if (!this.#watched.size) this.#stopSubscription();
  }

  #stopSubscription(): void {
    try {
      this.#unsubscribe?.();
    } catch (error) {
      this.report(this.storage.failed(error, 'unsubscribe', {}));
    }
    this.#unsubscribe = undefined;
  }

  /**
   * Runs a call of a user: refused when closed, rejected when the store closes meanwhile, left by an aborting caller.
   * What it rejects with tells the key and the backend. `bound` may leave it too; it returns how to end that.
   */
  run<T>(
    work: () => Promise<T>,
    key?: string,
    signal?: AbortSignal,
    bound?: (leave: (error: unknown) => void) => () => void,
  ): Promise<T> {
    const running = new Promise<T>((resolve, reject) => {
      if (signal !== undefined && typeof signal?.addEventListener !== 'function')
        throw new TypeError('The option "signal" must be an AbortSignal.');
      const abort = (): void => leave(signal!.reason);
      let unbind: (() => void) | undefined;
      const detach = (): void => {
        unbind?.();
        signal?.removeEventListener('abort', abort);
        this.#pending.delete(leave);
      };
      const leave = (error: unknown): void => {
        detach();
        const { name } = this.options.storage;
        if (error instanceof ShelflifeError && !Object.isFrozen(error))
          Object.assign(error, { key: error.key ?? key, backend: error.backend ?? name });
        reject(error);
      };
      if (this.isClosing) return leave(this.#closedError());
      if (signal?.aborted) return abort();
      signal?.addEventListener('abort', abort);
      this.#pending.add(leave);
      unbind = bound?.(leave);
      work().then((value) => {
        detach();
        resolve(value);
      }, leave);
    });
    return whileHeld(running);
  }

  /** @throws {ClosedError} where the store is closed. */
  requireOpen(): void {
    if (this.isClosed) throw this.#closedError();
  }

  /** Holds back what would call users until the returned function is called: no listener may delay a lock. */
  holdBack(): () => void {
    let goOn!: () => void;
    const lock = new Promise<void>((resolve) => (goOn = resolve));
    this.#locks.add(lock);
    return () => {
      this.#locks.delete(lock);
      goOn();
    };
  }

  /** At once, or when the locks that are held by now are given back. */
  #callUser(call: () => void): void {
    if (this.#locks.size) void Promise.all(this.#locks).then(call);
    else call();
  }

  /** Tells of a failure that has no caller to reject to. */
  report(error: unknown): void {
    this.#callUser(() => this.reportNow(error));
  }

  /** The same, at once. */
  reportNow(error: unknown): void {
    try {
      this.options.onError?.(error as ShelflifeError);
    } catch (thrown) {
      this.reportListenerError(thrown);
    }
  }

  /** Tells of a failure that must not go unheard, also where nobody listens. */
  reportAloud(error: ShelflifeError): void {
    this.#callUser(() => (this.options.onError ? this.reportNow(error) : console.error(error)));
  }

  /** What a listener threw is thrown at nobody else. (Deno and Bun would end the process over `reportError`.) */
  reportListenerError(error: unknown): void {
    const host = globalThis as { reportError?(error: unknown): void; Deno?: unknown; Bun?: unknown };
    if (host.reportError && !host.Deno && !host.Bun) return host.reportError(error);
    const wrapped = new ShelflifeError('A listener threw an error.', {
      cause: summarizeCause(error, this.secrets),
    });
    try {
      (this.options.onError ?? console.error)(wrapped);
    } catch {
      console.error(wrapped);
    }
  }

  /** How the storage is doing may have changed. */
  healthChanged(): void {
    this.#callUser(() => this.health.update() && this.health.deliver());
  }

  #closedError(): ClosedError {
    return new ClosedError('The store is closed. Create another one to go on.', {
      backend: this.options.storage.name,
    });
  }

  /** Waits for what runs, and for what that leads to. */
  async #finish(): Promise<void> {
    const { context } = this;
    const saved = [...context.uncommitted.values()].map((refresh) => refresh.retry());
    for (let work = [...saved, ...context.running(this)]; work.length && !this.isClosed;) {
      await Promise.allSettled(work);
      work = context.running(this);
    }
  }

  /** Ends everything: running work may finish within the timeout, then whatever still waits is rejected. */
  close(): Promise<void> {
    return (this.#closing ??= whileHeld(this.#close()));
  }

  async #close(): Promise<void> {
    this.isClosing = true;
    try {
      await withTimeout(this.#finish(), this.options.timeout, () => this.#closedError());
    } catch {
      // What does not end in time is left alone; its commit is fenced by `compareAndSet`.
    }
    this.isClosed = true;
    // Whoever asks for an entry again is to find what it showed last.
    for (const state of this.#watched) this.#states.set(state.storageKey, holdOn(state));
    for (const state of [...this.#watched]) state.close();
    this.#stopSubscription();
    this.#watched.clear();
    this.health.complete();
    for (const leave of [...this.#pending]) leave(this.#closedError());
    this.context.stores.delete(this);
    const { storage } = this.options;
    if (this.context.stores.size) return;
    for (const refresh of this.context.uncommitted.values()) refresh.giveUp();
    if (storage.close) await this.storage.run('close', {}, () => storage.close!());
  }
}
