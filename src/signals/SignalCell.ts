import { isPromise } from '../async/isPromise.js';
import { isDeepEqual } from '../credentials/isDeepEqual.js';
import { bindLazily } from './bindLazily.js';
import { iterateSignal } from './iterateSignal.js';
import type { Observer, Signal, Unsubscribe } from './Signal.js';
import type { SignalKind } from './SignalKind.js';

type Listener<T> = ((value: T) => void) | Partial<Observer<T>>;

interface Subscription<T> {
  readonly listener: Listener<T>;
  /** Whether the first call has been made. */
  isTold: boolean;
}

class Cell<T, Source> implements Signal<T> {
  readonly #kind: SignalKind<Source, T>;
  readonly #source: Source;
  #subscriptions: Set<Subscription<T>> | undefined;
  #evaluated: T | undefined;
  #shown: T | undefined;
  #delivered: T | undefined;
  /** What was evaluated, and the time for which it holds. */
  #basis: object | undefined;
  #validFrom = Infinity;
  #validUntil = -Infinity;
  #turn = 0;
  /** Whether a value was taken over that has not been delivered. */
  #isUntold = false;

  constructor(kind: SignalKind<Source, T>, source: Source) {
    this.#kind = kind;
    this.#source = source;
    // Looked up at construction: a polyfill may come after our import, and RxJS freezes its key at its own.
    const symbol = (Symbol as { readonly observable?: symbol }).observable;
    if (symbol) Object.defineProperty(this, symbol, { value: () => this });
  }

  get value(): T {
    const { host } = this.#kind;
    const source = this.#source;
    // When it is closed, the last one stays, or what is known then where it was never looked at.
    if (host.isClosed(source) && this.#shown !== undefined) return this.#shown;
    const basis = host.basis(source);
    const now = host.now(source);
    const isValid = basis && basis === this.#basis && now >= this.#validFrom && now < this.#validUntil;
    if (!isValid) this.#evaluate(basis, now);
    return this.#shown as T;
  }

  #evaluate(basis: object | undefined, now: number): void {
    const kind = this.#kind;
    const value = kind.evaluate(this.#source, now);
    if (!isDeepEqual(value, this.#evaluated)) this.#shown = kind.show(value);
    this.#evaluated = value;
    this.#basis = basis;
    this.#validFrom = now;
    this.#validUntil = kind.validUntil(this.#source, now);
  }

  get(): T {
    return this.value;
  }

  getSnapshot(): T {
    return this.isObserved ? (this.#delivered as T) : this.value;
  }

  getServerSnapshot(): T {
    return this.#kind.serverValue;
  }

  get isObserved(): boolean {
    return !!this.#subscriptions?.size;
  }

  subscribe(listener: Listener<T>): Unsubscribe {
    if (typeof listener !== 'function' && (typeof listener !== 'object' || !listener)) {
      throw new TypeError('subscribe() takes a function or an object with a method "next".');
    }
    const { host } = this.#kind;
    const subscriptions = (this.#subscriptions ??= new Set());
    const subscription = { listener, isTold: false };
    const unsubscribe = (): void => {
      if (subscriptions.delete(subscription)) host.unobserve(this.#source);
    };
    if (host.isClosed(this.#source)) {
      this.#delivered = this.value;
      this.#tell(subscription);
      this.#call(subscription, 'complete', this.#delivered);
    } else {
      subscriptions.add(subscription);
      host.observe(this.#source);
      if (subscriptions.size === 1 && this.update()) this.deliver();
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
    for (const subscription of [...(this.#subscriptions ?? [])]) {
      if (turn === this.#turn && this.#subscriptions?.has(subscription)) this.#tell(subscription);
    }
  }

  /** Ends all subscriptions. */
  complete(): void {
    for (const subscription of [...(this.#subscriptions ?? [])]) {
      this.#subscriptions?.delete(subscription);
      this.#kind.host.unobserve(this.#source);
      this.#call(subscription, 'complete', this.#delivered as T);
    }
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return iterateSignal(this, () => this.#kind.host.hold(this.#source));
  }

  '@@observable'(): this {
    return this;
  }

  #tell(subscription: Subscription<T>, value = this.#delivered as T): void {
    subscription.isTold = true;
    this.#call(subscription, 'next', value);
  }

  #call({ listener }: Subscription<T>, method: 'next' | 'complete', value: T): void {
    const report = (error: unknown): void => this.#kind.host.reportListenerError(this.#source, error);
    try {
      const observer = typeof listener === 'function' ? { next: listener } : listener;
      const result: unknown = observer[method]?.(value);
      if (isPromise(result)) result.then(undefined, report);
    } catch (error) {
      report(error);
    }
  }
}

/** A signal of a source. Its host calls `update()` and `deliver()` when the value may have changed. */
export const SignalCell: typeof Cell = /* @__PURE__ */ bindLazily(Cell, [
  'get',
  'getSnapshot',
  'getServerSnapshot',
  'subscribe',
  '@@observable',
  Symbol.asyncIterator,
]);
export type SignalCell<T, Source> = Cell<T, Source>;
