import { TimeoutError } from '../errors/TimeoutError.js';

/** Lets work on one key wait for all that came before it, within this context. */
export class KeyedQueue {
  readonly #last = new Map<string, Promise<unknown>>();

  /**
   * Runs work on a key when its turn comes. Where what is before it did not come to an end in time, whoever waits
   * behind it gets the same `TimeoutError`: else their waits would add up.
   */
  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const result = (this.#last.get(key) ?? Promise.resolve()).then(work, (error: unknown) => {
      if (error instanceof TimeoutError) throw error;
      return work();
    });
    this.#last.set(key, result);
    const settled = (): void => {
      if (this.#last.get(key) === result) this.#last.delete(key);
    };
    result.then(settled, settled);
    return result;
  }

  /** The work under way: one promise for each key. */
  running(): Promise<unknown>[] {
    return [...this.#last.values()];
  }
}
