import { bindLazily } from './bindLazily.js';
import { iterateSignal } from './iterateSignal.js';
import type { Observer, Signal, Unsubscribe } from './Signal.js';

/** Where a signal takes its value from, and what it tells of being observed. */
export interface SignalSource<T> {
  /** The value now; the same object while no member changed. */
  read(): T;
  readonly serverValue: T;
  /** A subscriber came: whatever keeps the value current starts, and other subscribers hear what is new first. */
  start(): void;
  /** A subscriber left. */
  stop(): void;
  /** Whether no more values will come. */
  isClosed(): boolean;
  /** Keeps the process alive until the returned function is called. */
  hold(): () => void;
  /** Takes an error that a listener threw. */
  onListenerError(error: unknown): void;
}

class Cell<T> implements Signal<T> {
  readonly #source: SignalSource<T>;
  #observers: Set<{ readonly observer: Partial<Observer<T>> }> | undefined;
  #delivered: T | undefined;
  #turn = 0;

  constructor(source: SignalSource<T>) {
    this.#source = source;
    // Looked up at construction: a polyfill may come after our import, and RxJS freezes its key at its own.
    const symbol = (Symbol as { readonly observable?: symbol }).observable;
    if (symbol) Object.defineProperty(this, symbol, { value: () => this });
  }

  get value(): T {
    return this.#source.read();
  }

  get(): T {
    return this.#source.read();
  }

  getSnapshot(): T {
    return this.isObserved ? (this.#delivered as T) : this.#source.read();
  }

  getServerSnapshot(): T {
    return this.#source.serverValue;
  }

  get isObserved(): boolean {
    return !!this.#observers?.size;
  }

  subscribe(listener: ((value: T) => void) | Partial<Observer<T>>): Unsubscribe {
    const observer = typeof listener === 'function' ? { next: listener } : listener;
    if (typeof observer !== 'object' || observer === null) {
      throw new TypeError('subscribe() takes a function or an object with a method "next".');
    }
    const source = this.#source;
    const entry = { observer };
    const observers = (this.#observers ??= new Set());
    const unsubscribe = (): void => {
      if (observers.delete(entry)) source.stop();
    };
    if (source.isClosed()) {
      this.#call(observer, 'next', source.read());
      this.#call(observer, 'complete');
    } else {
      source.start();
      this.#delivered = source.read();
      observers.add(entry);
      this.#call(observer, 'next', this.#delivered);
    }
    return Object.assign(unsubscribe, { unsubscribe });
  }

  /** Takes the value over if it is another one; whether there is something to deliver. */
  update(): boolean {
    if (!this.isObserved) return false;
    const value = this.#source.read();
    if (Object.is(value, this.#delivered)) return false;
    this.#delivered = value;
    return true;
  }

  /** Tells the observers. Where one of them causes a newer value, the older one is not delivered any further. */
  deliver(): void {
    const turn = (this.#turn += 1);
    for (const entry of [...(this.#observers ?? [])]) {
      if (turn !== this.#turn) return;
      if (this.#observers!.has(entry)) this.#call(entry.observer, 'next', this.#delivered as T);
    }
  }

  /** Ends all subscriptions. */
  complete(): void {
    this.#turn += 1;
    const observers = [...(this.#observers ?? [])];
    this.#observers?.clear();
    for (const { observer } of observers) {
      this.#source.stop();
      this.#call(observer, 'complete');
    }
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return iterateSignal(this, () => this.#source.hold());
  }

  '@@observable'(): this {
    return this;
  }

  #call(observer: Partial<Observer<T>>, method: 'next' | 'complete', value?: T): void {
    try {
      (observer[method] as ((value?: T) => void) | undefined)?.(value);
    } catch (error) {
      this.#source.onListenerError(error);
    }
  }
}

/** A signal over a source. Its owner calls `update()` and `deliver()` when the source may have changed. */
export const SignalCell: typeof Cell = /* @__PURE__ */ bindLazily(Cell, [
  'get',
  'getSnapshot',
  'getServerSnapshot',
  'subscribe',
]);
export type SignalCell<T> = Cell<T>;
