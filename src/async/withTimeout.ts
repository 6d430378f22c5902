import { holdTimer } from './holdTimer.js';

/** The longest delay that hosts honour: a longer one, `Infinity` too, fires at once. */
const longestDelay = 2 ** 31 - 1;

/** The host's own `setTimeout`, for any delay. It does not keep the process alive. */
export function startTimer(run: () => void, milliseconds: number): ReturnType<typeof setTimeout> {
  const timer = setTimeout(run, Math.min(milliseconds, longestDelay));
  holdTimer(timer, false);
  return timer;
}

/**
 * Bounds the wait for a promise by the host's own timer, which does not keep the process alive: whoever waits for
 * the outcome does (`whileHeld`). Where it is too late, `onTimeout` makes the error; what the promise still comes
 * to is dropped here.
 */
export function withTimeout<T>(
  promise: PromiseLike<T>,
  milliseconds: number,
  onTimeout: () => Error,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = startTimer(() => reject(onTimeout()), milliseconds);
    const settle = (): void => {
      clearTimeout(timer);
      resolve(promise);
    };
    promise.then(settle, settle);
  });
}

/** Keeps the process alive for a time, at the end of which `onOver` runs, or until the returned function is called. */
export function holdProcess(milliseconds: number, onOver: () => void): () => void {
  const timer = setTimeout(onOver, Math.min(milliseconds, longestDelay));
  return () => clearTimeout(timer);
}

/** Keeps the process alive until a promise settles. */
export function whileHeld<T>(promise: Promise<T>): Promise<T> {
  const settled = holdProcess(longestDelay, () => {});
  promise.then(settled, settled);
  return promise;
}
