import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Signal, Unsubscribe } from '../signals/Signal.js';

/**
 * Keeps a Lit element current with a signal, while the element is connected.
 *
 * `value` is what the signal says; before the element was ever connected, as on a server, it is the signal's server
 * snapshot: `loading`, `undefined` or `null`, never a stored token.
 *
 * @example
 * ```ts
 * class SessionStatus extends LitElement {
 *   #expiry = new SignalController(this, session.expiry);
 *   render() {
 *     return html`${this.#expiry.value.status}`;
 *   }
 * }
 * ```
 */
export class SignalController<T> implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #signal: Signal<T>;
  #value: T;
  #unsubscribe: Unsubscribe | undefined;

  /** Adds itself to the host's controllers. */
  constructor(host: ReactiveControllerHost, signal: Signal<T>) {
    this.#host = host;
    this.#signal = signal;
    this.#value = signal.getServerSnapshot();
    host.addController(this);
  }

  /** The value that the element was last told. */
  get value(): T {
    return this.#value;
  }

  hostConnected(): void {
    this.#unsubscribe ??= this.#signal.subscribe((value) => {
      this.#value = value;
      this.#host.requestUpdate();
    });
  }

  hostDisconnected(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
  }
}
