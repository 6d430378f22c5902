import { type ReadonlySignal, signal } from '@preact/signals-core';
import type { Signal, Unsubscribe } from '../signals/Signal.js';

/**
 * A signal for `@preact/signals`, `@preact/signals-core` and `@preact/signals-react`.
 *
 * It observes only while it is observed; unobserved, each read asks the source. Make one for a source and keep it,
 * outside of components.
 *
 * @example
 * ```ts
 * const expiry = toPreactSignal(session.expiry);
 * const status = computed(() => expiry.value.status);
 * ```
 */
export function toPreactSignal<T>(source: Signal<T>): ReadonlySignal<T> {
  let unsubscribe: Unsubscribe | undefined;
  const target = signal(source.getServerSnapshot(), {
    watched() {
      unsubscribe = source.subscribe((value) => {
        target.value = value;
      });
    },
    unwatched() {
      unsubscribe?.();
      unsubscribe = undefined;
    },
  });
  // While nobody observes, nobody tells us of changes: the value is taken over where it is read.
  const { get, set } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(target), 'value')!;
  Object.defineProperty(target, 'value', {
    get(): T {
      if (!unsubscribe) set!.call(target, source.value);
      return get!.call(target) as T;
    },
    set(value: T) {
      set!.call(target, value);
    },
  });
  return target;
}
