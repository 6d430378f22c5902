import { ConflictError } from '../errors/ConflictError.js';
import type { ShelflifeError } from '../errors/ShelflifeError.js';
import { TimeoutError } from '../errors/TimeoutError.js';
import type { MaybePromise, StorageBackend } from '../storage/StorageBackend.js';
import type { Health } from './Health.js';
import { attempt, isPromise } from './isPromise.js';
import type { StoreCore } from './StoreCore.js';
import { type Concern, toStorageError } from './toStorageError.js';
import { withTimeout } from './withTimeout.js';

/** How long the loser of a write may wait before it tries again, in milliseconds. */
const longestPause = 5;

/** A backend whose every answer comes in time, or as a typed error, and which knows how it is doing. */
export class BoundedStorage {
  readonly backend: StorageBackend;
  /** Whether reads answer at once; `undefined` before the first. */
  isSynchronous: boolean | undefined;
  readonly #store: StoreCore;
  #error: ShelflifeError | undefined;
  #leaseError: ShelflifeError | undefined;

  constructor(store: StoreCore) {
    this.#store = store;
    this.backend = store.options.storage;
  }

  get(key: string, concern: Concern): MaybePromise<string | undefined> {
    return this.run('read', concern, () => {
      // What throws answers at once.
      this.isSynchronous ??= true;
      const read = this.backend.get(key);
      this.isSynchronous = !isPromise(read);
      return read;
    });
  }

  keys(prefix: string): MaybePromise<string[]> {
    return this.run('list its keys', this.#store, async () => {
      const found: string[] = [];
      for await (const key of await this.backend.keys(prefix)) found.push(key);
      return found;
    });
  }

  /**
   * Reads a text and writes what `change` makes of it, if nobody wrote meanwhile, else starts over. `undefined`
   * deletes; where the change gives `false`, nothing is written.
   *
   * @throws {ConflictError} where others write again and again until the time is over.
   */
  async swap(
    key: string,
    concern: Concern,
    change: (text: string | undefined) => MaybePromise<string | undefined | false>,
  ): Promise<void> {
    const started = Date.now();
    for (;;) {
      const text = await this.get(key, concern);
      const next = await change(text);
      if (next === false) return;
      const write = (): MaybePromise<boolean | undefined> => this.backend.compareAndSet(key, text, next);
      const isWritten = await this.run('write', concern, write);
      // Nobody can tell whether it was written, or whether it is of any use to try again at once.
      if (isWritten === undefined)
        throw this.failed(new Error('compareAndSet() answered with nothing'), 'write', concern);
      if (isWritten) return;
      if (Math.abs(Date.now() - started) > this.#store.options.timeout) {
        throw this.failed(
          new ConflictError('Others change the record again and again. Try again.'),
          'write',
          concern,
        );
      }
      // Whoever lost waits a little, so that others get their turn, and so do the timers of a synchronous backend.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * longestPause));
    }
  }

  /** Runs something on the backend, bounded. What answers at once is not made to wait. */
  run<T>(action: string, concern: Concern, work: () => MaybePromise<T>): MaybePromise<T> {
    const { timeout } = this.#store.options;
    const late = (): Error =>
      new TimeoutError(
        `The storage "${this.backend.name}" did not ${action} within ${timeout} ms (option "timeout").`,
      );
    return attempt(
      () => {
        const result = work();
        return isPromise(result) ? withTimeout(result, timeout, late) : result;
      },
      (result) => {
        this.#settled(action, undefined);
        return result;
      },
      (error) => {
        throw this.failed(error, action, concern);
      },
    );
  }

  /** Also a write that waits to be tried again, by whatever store on this backend, is a failure until it succeeds. */
  get health(): Health {
    // A persistent storage is shared with other contexts; without a lease they may refresh at the same time.
    const { name, persistent, lease, degraded = persistent && !lease } = this.backend;
    const waiting = [...this.#store.context.uncommitted.values()].find(({ failure }) => failure);
    const error = waiting?.failure?.error ?? this.#error ?? this.#leaseError;
    const status = error ? 'failed' : degraded ? 'degraded' : 'ok';
    const why = typeof degraded === 'object' ? degraded : undefined;
    return Object.freeze({ status, persistent, backend: name, error: error ?? why });
  }

  /** Makes the typed error of a failure, which `health` tells until the next success. */
  failed(error: unknown, action: string, concern: Concern): ShelflifeError {
    const typed = toStorageError(error, action, this.backend.name, concern);
    this.#settled(action, typed);
    return typed;
  }

  /** Health is told by reads, writes and leases. */
  #settled(action: string, error: ShelflifeError | undefined): void {
    if (!/^(read|write|list)/.test(action)) return;
    this.#error = error;
    // A read-only storage can be read, and grants no lease.
    if (action === 'write' && !error) this.#leaseError = undefined;
    this.#store.healthChanged();
  }

  /** A lease was granted, or could not be. */
  leaseSettled(error: ShelflifeError | undefined): void {
    this.#leaseError = error;
    this.#store.healthChanged();
  }
}
