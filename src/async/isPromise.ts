/** A value, or the promise of one. */
export type MaybePromise<T> = T | Promise<T>;

/** Whether a value has to be awaited. */
export function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}

function rethrow(error: unknown): never {
  throw error;
}

/** `try` and `catch` for work that may answer at once or later; what answers at once is not made to wait. */
export function attempt<T, Result, Failed = never>(
  work: () => MaybePromise<T>,
  succeeded: (value: T) => Result,
  failed: (error: unknown) => Failed = rethrow,
): MaybePromise<Result | Failed> {
  let value: MaybePromise<T>;
  try {
    value = work();
  } catch (error) {
    return failed(error);
  }
  return isPromise(value) ? value.then(succeeded, failed) : succeeded(value);
}
