import { isDeepEqual } from '../credentials/isDeepEqual.js';
import { isPromise } from '../async/isPromise.js';
import { bindLazily } from './bindLazily.js';
import { iterateSignal } from './iterateSignal.js';
import type { Observer, Signal, Unsubscribe } from './Signal.js';

/** What a signal belongs to: it keeps the value current while somebody observes. */
export interface SignalHost {
  /** Whether no more values will come. */
  readonly isClosed: boolean;
  /** A subscriber came: whatever keeps the value current starts, and who has not heard what is new is told. */
  observe(): void;
  /** A subscriber left. */
  unobserve(): void;
  /** Keeps the process alive until the returned function is called. */
  hold(): () => void;
  /** Takes an error that a listener threw. */
  reportListenerError(error: unknown): void;
}

interface Subscription<T> {
  readonly observer: Partial<Observer<T>>;
  /** Whether the first call has been made. */
  isTold: boolean;
}

class Cell<T> implements Signal<T> {
  readonly #host: SignalHost;
  readonly #evaluate: () => T;
  readonly #serverValue: T;
  readonly #show: (value: T) => T;
  readonly #subscriptions = new Set<Subscription<T>>();
  #last: T | undefined;
  #shown: T | undefined;
  #delivered: T | undefined;
  #turn = 0;
  /** Whether a value was taken over that has not been delivered. */
  #isUntold = false;

  /** `evaluate` gives the value now, `show` makes what is handed out of one that differs from the last. */
  constructor(host: SignalHost, evaluate: () => T, serverValue: T, show: (value: T) => T = (value) => value) {
    this.#host = host;
    this.#evaluate = evaluate;
    this.#serverValue = serverValue;
    this.#show = show;
    // Looked up at construction: a polyfill may come after our import, and RxJS freezes its key at its own.
    const symbol = (Symbol as { readonly observable?: symbol }).observable;
    if (symbol) Object.defineProperty(this, symbol, { value: () => this });
  }

  get value(): T {
    // When it is closed, the last one stays, or what is known then where it was never looked at.
    if (!this.#host.isClosed || this.#shown === undefined) {
      const value = this.#evaluate();
      if (!isDeepEqual(value, this.#last)) this.#shown = this.#show(value);
      this.#last = value;
    }
    return this.#shown as T;
  }

  get(): T {
    return this.value;
  }

  getSnapshot(): T {
    return this.isObserved ? (this.#delivered as T) : this.value;
  }

  getServerSnapshot(): T {
    return this.#serverValue;
  }

  get isObserved(): boolean {
    return this.#subscriptions.size > 0;
  }

  subscribe(listener: ((value: T) => void) | Partial<Observer<T>>): Unsubscribe {
    const observer = typeof listener === 'function' ? { next: listener } : listener;
    if (typeof observer !== 'object' || !observer) {
      throw new TypeError('subscribe() takes a function or an object with a method "next".');
    }
    const host = this.#host;
    const subscription = { observer, isTold: false };
    const unsubscribe = (): void => {
      if (this.#subscriptions.delete(subscription)) host.unobserve();
    };
    if (host.isClosed) {
      this.#delivered = this.value;
      this.#tell(subscription);
      this.#call(subscription, 'complete', this.#delivered);
    } else {
      this.#subscriptions.add(subscription);
      host.observe();
      if (this.#subscriptions.size === 1 && this.update()) this.deliver();
      if (!subscription.isTold) this.#tell(subscription, this.value);
    }
    return Object.assign(unsubscribe, { unsubscribe });
  }

  /** Takes the value over if it is another one; whether there is something to deliver. */
  update(): boolean {
    const value = this.isObserved ? this.value : this.#delivered;
    // It may have been another one meanwhile, seen by whoever read it, and be the same again.
    const isNew = !isDeepEqual(value, this.#delivered);
    if (isNew) this.#delivered = value;
    this.#isUntold ||= isNew;
    return isNew;
  }

  /** Tells the observers. Where one of them causes a newer value, the older one is not delivered any further. */
  deliver(): void {
    if (!this.#isUntold) return;
    this.#isUntold = false;
    const turn = (this.#turn += 1);
    for (const subscription of [...this.#subscriptions]) {
      if (turn === this.#turn && this.#subscriptions.has(subscription)) this.#tell(subscription);
    }
  }

  /** Ends all subscriptions. */
  complete(): void {
    for (const subscription of [...this.#subscriptions]) {
      this.#subscriptions.delete(subscription);
      this.#host.unobserve();
      this.#call(subscription, 'complete', this.#delivered as T);
    }
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return iterateSignal(this, () => this.#host.hold());
  }

  '@@observable'(): this {
    return this;
  }

  #tell(subscription: Subscription<T>, value = this.#delivered as T): void {
    subscription.isTold = true;
    this.#call(subscription, 'next', value);
  }

  #call({ observer }: Subscription<T>, method: 'next' | 'complete', value: T): void {
    const report = (error: unknown): void => this.#host.reportListenerError(error);
    try {
      const result: unknown = observer[method]?.(value);
      if (isPromise(result)) result.then(undefined, report);
    } catch (error) {
      report(error);
    }
  }
}

/** A signal of a host. The host calls `update()` and `deliver()` when the value may have changed. */
export const SignalCell: typeof Cell = /* @__PURE__ */ bindLazily(Cell, [
  'get',
  'getSnapshot',
  'getServerSnapshot',
  'subscribe',
  '@@observable',
  Symbol.asyncIterator,
]);
export type SignalCell<T> = Cell<T>;
