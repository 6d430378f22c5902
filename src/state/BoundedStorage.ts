import { attempt, isPromise } from '../async/isPromise.js';
import { withTimeout } from '../async/withTimeout.js';
import { ConflictError } from '../errors/ConflictError.js';
import { CorruptRecordError } from '../errors/CorruptRecordError.js';
import type { ShelflifeError } from '../errors/ShelflifeError.js';
import { TimeoutError } from '../errors/TimeoutError.js';
import { type Concern, toStorageError } from '../errors/toStorageError.js';
import type { MaybePromise, StorageBackend } from '../storage/StorageBackend.js';
import type { Access, Service } from './StorageAction.js';

/** How long the loser of a write may wait before it tries again, in milliseconds. */
const longestPause = 5;

/** A text to be written; `text: undefined` deletes. */
export interface Replacement {
  readonly text: string | undefined;
}

/** What was read before: the text that is expected to be stored still. */
export type Expectation = Replacement;

/** A backend whose every answer comes in time, or as a typed error, and which knows how it is doing. */
export class BoundedStorage {
  readonly backend: StorageBackend;
  /** Whether reads answer at once; `undefined` before the first. */
  isSynchronous: boolean | undefined;
  #accessError: ShelflifeError | undefined;
  #leaseError: ShelflifeError | undefined;
  readonly #timeout: number;
  readonly #healthChanged: () => void;

  constructor(backend: StorageBackend, timeout: number, healthChanged: () => void) {
    this.backend = backend;
    this.#timeout = timeout;
    this.#healthChanged = healthChanged;
  }

  /** Why it does not work: the last access failed, or no lease could be had. */
  get error(): ShelflifeError | undefined {
    return this.#accessError ?? this.#leaseError;
  }

  read(key: string, concern: () => Concern): MaybePromise<string | undefined> {
    return this.#access('read', concern, () => {
      // What throws answers at once.
      this.isSynchronous ??= true;
      const read = this.backend.get(key);
      this.isSynchronous = !isPromise(read);
      return read;
    });
  }

  keys(prefix: string, concern: () => Concern): MaybePromise<string[]> {
    return this.#access('list its keys', concern, async () => {
      const found: string[] = [];
      for await (const key of await this.backend.keys(prefix)) found.push(key);
      return found;
    });
  }

  /**
   * The one way into storage: writes what `change` makes of the stored text, if nobody wrote meanwhile, else starts
   * over. It begins with what is expected to be stored, if that is given, and reads only where the comparison fails,
   * or where nothing is to be written: an expectation alone decides nothing.
   *
   * `mends`: what is no text at all (a directory in place of a file) counts as nothing: the backend sets it aside.
   *
   * @returns whether something was written.
   * @throws {ConflictError} where others write again and again until the time is over.
   */
  async swap(
    key: string,
    concern: () => Concern,
    change: (text: string | undefined) => MaybePromise<Replacement | 'unchanged'>,
    { expectation, mends = false }: { expectation?: Expectation | undefined; mends?: boolean } = {},
  ): Promise<boolean> {
    const compareAndSet = (expected: string | undefined, next: Replacement): MaybePromise<boolean> =>
      this.#compareAndSet(key, concern, expected, next);
    if (expectation) {
      const next = await attempt(
        () => change(expectation.text),
        (made) => made,
        () => 'unchanged' as const,
      );
      if (next !== 'unchanged' && (await compareAndSet(expectation.text, next))) return true;
    }
    const started = Date.now();
    for (;;) {
      const text = await this.#readForWrite(key, concern, mends);
      const next = await change(text);
      if (next === 'unchanged') return false;
      if (await compareAndSet(text, next)) return true;
      if (Math.abs(Date.now() - started) > this.#timeout) {
        throw this.accessFailed(
          new ConflictError('Others change the record again and again. Try again.'),
          'write',
          concern,
        );
      }
      // Whoever lost waits a little, so that others get their turn, and so do the timers of a synchronous backend.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * longestPause));
    }
  }

  #readForWrite(key: string, concern: () => Concern, mends: boolean): MaybePromise<string | undefined> {
    return attempt(
      () => this.read(key, concern),
      (text) => text,
      (error) => {
        if (mends && error instanceof CorruptRecordError) return undefined;
        throw error;
      },
    );
  }

  async #compareAndSet(
    key: string,
    concern: () => Concern,
    expected: string | undefined,
    { text }: Replacement,
  ): Promise<boolean> {
    const isWritten: boolean | undefined = await this.#access('write', concern, () =>
      this.backend.compareAndSet(key, expected, text),
    );
    // Nobody can tell whether it was written, or whether it is of any use to try again at once.
    if (isWritten === undefined)
      throw this.accessFailed(new Error('compareAndSet() answered with nothing'), 'write', concern);
    return isWritten;
  }

  /** Has the backend do something besides reading and writing, bounded. */
  serve<T>(service: Service, concern: () => Concern, work: () => MaybePromise<T>): MaybePromise<T> {
    return attempt(
      () => this.#bound(service, work),
      (result) => result,
      (error) => {
        throw this.serviceFailed(error, service, concern);
      },
    );
  }

  /** Makes the typed error of an access that failed, which health tells until the next success. */
  accessFailed(error: unknown, access: Access, concern: () => Concern): ShelflifeError {
    const typed = toStorageError(error, access, this.backend.name, concern());
    this.#tellHealth(typed, this.#leaseError);
    return typed;
  }

  /** Makes the typed error of a service that failed. */
  serviceFailed(error: unknown, service: Service, concern: () => Concern): ShelflifeError {
    return toStorageError(error, service, this.backend.name, concern());
  }

  /** A lease was granted. */
  leaseGranted(): void {
    this.#tellHealth(this.#accessError, undefined);
  }

  /** Makes the typed error of a lease that was refused. One that was waited for in vain says nothing of the storage. */
  leaseRefused(error: unknown, concern: () => Concern): ShelflifeError {
    const typed = this.serviceFailed(error, 'grant a lease', concern);
    if (!(typed instanceof TimeoutError)) this.#tellHealth(this.#accessError, typed);
    return typed;
  }

  #access<T>(access: Access, concern: () => Concern, work: () => MaybePromise<T>): MaybePromise<T> {
    return attempt(
      () => this.#bound(access, work),
      (result) => {
        // A read-only storage can be read, and grants no lease.
        this.#tellHealth(undefined, access === 'write' ? undefined : this.#leaseError);
        return result;
      },
      (error) => {
        throw this.accessFailed(error, access, concern);
      },
    );
  }

  #tellHealth(accessError: ShelflifeError | undefined, leaseError: ShelflifeError | undefined): void {
    this.#accessError = accessError;
    this.#leaseError = leaseError;
    this.#healthChanged();
  }

  /** Bounds the wait for an answer. What answers at once is not made to wait. */
  #bound<T>(action: Access | Service, work: () => MaybePromise<T>): MaybePromise<T> {
    const result = work();
    if (!isPromise(result)) return result;
    return withTimeout(
      result,
      this.#timeout,
      () =>
        new TimeoutError(
          `The storage "${this.backend.name}" did not ${action} within ${this.#timeout} ms (option "timeout").`,
        ),
    );
  }
}
