/** Lets work on one key wait for all that came before it, within this context. */
export class KeyedQueue {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs work on a key when its turn comes, however what came before it ended. */
  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const result = (this.#last.get(key) ?? Promise.resolve()).then(work);
    const settled = result
      .catch(() => {})
      .then(() => {
        if (this.#last.get(key) === settled) this.#last.delete(key);
      });
    this.#last.set(key, settled);
    return result;
  }

  /** The work under way: one promise for each key, which never rejects. */
  running(): Promise<unknown>[] {
    return [...this.#last.values()];
  }
}
