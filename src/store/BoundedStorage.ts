import { ShelflifeError } from '../errors/ShelflifeError.js';
import { TimeoutError } from '../errors/TimeoutError.js';
import type { MaybePromise, StorageBackend } from '../storage/StorageBackend.js';
import type { Health } from './Health.js';
import { toStorageError } from './toStorageError.js';
import { withTimeout } from './withTimeout.js';

export const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';

/** What a failure is told by: the entry it concerns, and what must not appear in its text. */
export interface Concern {
  readonly key?: string | undefined;
  readonly secrets?: readonly string[];
}

/** A backend whose every answer comes in time, or as a typed error, and which knows how it is doing. */
export class BoundedStorage {
  readonly backend: StorageBackend;
  /** Whether reads answer at once; `undefined` before the first. */
  isSynchronous: boolean | undefined;
  readonly #timeout: number;
  readonly #onHealth: () => void;
  #health: Health | undefined;
  #error: ShelflifeError | undefined;

  constructor(backend: StorageBackend, timeout: number, onHealth: () => void) {
    this.backend = backend;
    this.#timeout = timeout;
    this.#onHealth = onHealth;
  }

  get(key: string, concern: Concern): MaybePromise<string | undefined> {
    let read: MaybePromise<string | undefined>;
    try {
      read = this.backend.get(key);
    } catch (error) {
      throw this.failed(error, 'read', concern);
    }
    this.isSynchronous = !isPromise(read);
    if (isPromise(read)) return this.run('read', concern, () => read);
    this.#succeeded();
    return read;
  }

  compareAndSet(
    key: string,
    expected: string | undefined,
    next: string | undefined,
    concern: Concern,
  ): Promise<boolean> {
    return this.run('write', concern, () => this.backend.compareAndSet(key, expected, next));
  }

  async keys(prefix: string): Promise<string[]> {
    return this.run('list its keys', {}, async () => {
      const found: string[] = [];
      for await (const key of await this.backend.keys(prefix)) found.push(key);
      return found;
    });
  }

  /** Runs something on the backend, bounded. */
  async run<T>(action: string, concern: Concern, work: () => MaybePromise<T>): Promise<T> {
    try {
      const onTimeout = (): Error => this.timeoutError(action, concern.key);
      const result = await withTimeout((async () => work())(), this.#timeout, onTimeout);
      this.#succeeded();
      return result;
    } catch (error) {
      throw this.failed(error, action, concern);
    }
  }

  timeoutError(action: string, key: string | undefined): TimeoutError {
    const { name } = this.backend;
    const message = `The storage "${name}" did not ${action} within ${this.#timeout} ms. Try again, or raise the option "timeout".`;
    return new TimeoutError(message, { key, backend: name });
  }

  /** The same object while no member changed. */
  get health(): Health {
    const { name, persistent, lease } = this.backend;
    const error = this.#error;
    // A persistent storage is shared with other contexts; without a lease they may refresh at the same time.
    const status = error ? 'failed' : persistent && !lease ? 'degraded' : 'ok';
    const known = this.#health;
    if (known?.status === status && known.error === error && known.persistent === persistent) return known;
    return (this.#health = Object.freeze({ status, persistent, backend: name, error }));
  }

  #succeeded(): void {
    if (!this.#error) return;
    this.#error = undefined;
    this.#onHealth();
  }

  /** Makes the typed error of a failure, which `health` tells until the next success. */
  failed(error: unknown, action: string, { key, secrets = [] }: Concern): ShelflifeError {
    this.#error = toStorageError(error, action, { key, backend: this.backend.name, secrets });
    this.#onHealth();
    return this.#error;
  }
}
