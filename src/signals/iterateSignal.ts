import type { Signal, Unsubscribe } from './Signal.js';

/**
 * The async iterator of a signal, written by hand: `return()` of a generator would wait for the value that its
 * pending `next()` waits for. A pending `next()` holds the process, as a pending promise is being waited for.
 */
export function iterateSignal<T>(signal: Signal<T>, hold: () => () => void): AsyncIterableIterator<T> {
  const waiting: ((result: IteratorResult<T>) => void)[] = [];
  let latest: { readonly value: T } | undefined;
  let unsubscribe: Unsubscribe | undefined;
  let release: (() => void) | undefined;
  let done = false;

  const settle = (): void => {
    while (waiting.length && (done || latest)) {
      waiting.shift()!(done ? { value: undefined, done } : { value: latest!.value, done });
      latest = undefined;
    }
    if (!waiting.length || done) {
      release?.();
      release = undefined;
    }
  };
  const finish = (): void => {
    done = true;
    unsubscribe?.();
    settle();
  };
  return {
    next: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        if (!done) release ??= hold();
        if (!done)
          unsubscribe ??= signal.subscribe({
            next(value) {
              latest = { value };
              settle();
            },
            complete: finish,
          });
        settle();
      }),
    return: () => {
      finish();
      return Promise.resolve({ value: undefined, done: true });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
