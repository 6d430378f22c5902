import { Signal as Polyfill } from 'signal-polyfill';
import type { Signal, Unsubscribe } from '../signals/Signal.js';

/**
 * A signal of the TC39 proposal, on the host's own `Signal` where it has one, else on `signal-polyfill`.
 *
 * It observes only while a watcher watches it; unwatched, each read asks the source. Make one for a source and keep it.
 *
 * @example
 * ```ts
 * const expiry = toTC39Signal(session.expiry);
 * const status = new Signal.Computed(() => expiry.get().status);
 * ```
 */
export function toTC39Signal<T>(source: Signal<T>): Polyfill.Computed<T> {
  const { Signal: host = Polyfill } = globalThis as { Signal?: typeof Polyfill };
  let unsubscribe: Unsubscribe | undefined;
  const state = new host.State(source.getServerSnapshot(), {
    [host.subtle.watched]() {
      unsubscribe = source.subscribe((value) => state.set(value));
    },
    [host.subtle.unwatched]() {
      unsubscribe?.();
      unsubscribe = undefined;
    },
  });
  const computed = new host.Computed(() => state.get());
  const { get } = computed;
  // While nobody watches, nobody tells us of changes: the value is taken over where it is read.
  computed.get = () => {
    if (!unsubscribe) state.set(source.value);
    return get.call(computed);
  };
  return computed;
}
