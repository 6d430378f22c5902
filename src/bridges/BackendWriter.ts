import { ConflictError } from '../errors/ConflictError.js';
import type { MaybePromise, StorageBackend } from '../storage/StorageBackend.js';
import { isPromise } from '../async/isPromise.js';
import { andThen } from './andThen.js';

/** More than any number of writers makes a write lose; a backend that refuses this often refuses always. */
const mostTries = 1000;

/** Writes to a backend whatever is there, for libraries that know only `set`; in the order of the calls. */
export class BackendWriter {
  readonly #backend: StorageBackend;
  readonly #last = new Map<string, Promise<void>>();

  constructor(backend: StorageBackend) {
    this.#backend = backend;
  }

  /** Replaces the value under a key; `undefined` removes it. Done at once where the backend is. */
  write(key: string, next: string | undefined): MaybePromise<void> {
    const before = this.#last.get(key);
    const replace = (): MaybePromise<void> => this.#replace(key, next, mostTries);
    const result = before ? before.then(replace, replace) : replace();
    if (!isPromise(result)) return undefined;
    this.#last.set(key, result);
    const settled = (): void => {
      if (this.#last.get(key) === result) this.#last.delete(key);
    };
    result.then(settled, settled);
    return result;
  }

  /** Removes a value and gives it to one caller only. */
  async take(key: string): Promise<string | undefined> {
    for (let tries = mostTries; tries > 0; tries--) {
      const current = await this.#backend.get(key);
      if (current === undefined) return undefined;
      if (await this.#backend.compareAndSet(key, current, undefined)) return current;
    }
    throw this.#conflict();
  }

  #replace(key: string, next: string | undefined, tries: number): MaybePromise<void> {
    if (tries === 0) throw this.#conflict();
    return andThen(this.#backend.get(key), (current) => {
      if (current === next) return undefined;
      return andThen(this.#backend.compareAndSet(key, current, next), (written) =>
        written ? undefined : this.#replace(key, next, tries - 1),
      );
    });
  }

  #conflict(): ConflictError {
    const { name } = this.#backend;
    return new ConflictError(`The storage "${name}" refused a write ${mostTries} times. Try again.`, {
      backend: name,
    });
  }
}
