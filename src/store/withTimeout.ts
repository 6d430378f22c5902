/** The longest delay that hosts honour: a longer one, `Infinity` too, fires at once. */
export const longestDelay = 2 ** 31 - 1;

/**
 * Bounds the wait for a promise by the host's own timer. Where it is too late, `onTimeout` makes the error; what
 * the promise still comes to is dropped here.
 */
export function withTimeout<T>(
  promise: PromiseLike<T>,
  milliseconds: number,
  onTimeout: () => Error,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(onTimeout()), Math.min(milliseconds, longestDelay));
    promise.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}
