/** Ends a subscription; a second call does nothing. Callable itself, and with a method for those who expect one. */
export interface Unsubscribe {
  (): void;
  unsubscribe(): void;
}

/** What listens to a signal. `error` is never called: a failure is part of the value. */
export interface Observer<T> {
  next(value: T): void;
  error(error: unknown): void;
  complete(): void;
}

/**
 * A value that changes over time, consumed with no adapter by React's `useSyncExternalStore`, Svelte's `$store`,
 * Solid's and RxJS's `from`, Angular's `toSignal`, and `for await`.
 *
 * All methods can be passed around unbound. Nothing runs while nothing subscribes.
 *
 * @example
 * ```ts
 * const unsubscribe = session.expiry.subscribe(({ status }) => console.log(status));
 * const status = useSyncExternalStore(session.expiry.subscribe, session.expiry.getSnapshot).status;
 * ```
 */
export interface Signal<T> {
  /** The live value: evaluated against the clock at every read; the same object while no member changed. */
  readonly value: T;
  /** The same as `value`. */
  get(this: void): T;
  /** The last delivered value while observed, so that it keeps its identity until the next delivery; else `value`. */
  getSnapshot(this: void): T;
  /** A constant for rendering on a server: never a stored token. */
  getServerSnapshot(this: void): T;
  /** Calls the listener at once with the value, then at every change. */
  subscribe(this: void, listener: ((value: T) => void) | Partial<Observer<T>>): Unsubscribe;
  /** Values as they come; the latest wins. The subscription begins with the first `next()`, `return()` ends it at once. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T>;
}
