/** A map that holds its values only as long as somebody else does (where the host has no `WeakRef`: for ever). */
export class WeakValues<Value extends object> {
  readonly #references = new Map<string, { deref(): Value | undefined }>();
  /** From how many values on those that nobody holds are forgotten. */
  #sweepFrom = 1000;

  get(key: string): Value | undefined {
    return this.#references.get(key)?.deref();
  }

  set(key: string, value: Value): void {
    this.#references.set(key, typeof WeakRef === 'function' ? new WeakRef(value) : { deref: () => value });
    if (this.#references.size > this.#sweepFrom) this.#sweep();
  }

  /** Holds a value from here on. */
  hold(key: string, value: Value): void {
    this.#references.set(key, { deref: () => value });
  }

  *[Symbol.iterator](): Generator<Value> {
    for (const reference of this.#references.values()) {
      const value = reference.deref();
      if (value) yield value;
    }
  }

  #sweep(): void {
    for (const [key, reference] of this.#references) if (!reference.deref()) this.#references.delete(key);
    this.#sweepFrom = this.#references.size * 2 + 1000;
  }
}
