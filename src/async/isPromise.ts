import type { MaybePromise } from '../storage/StorageBackend.js';

/** Whether a value has to be awaited. */
export function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}

/** `try` and `catch` for work that may answer at once or later; what answers at once is not made to wait. */
export function attempt<T, Result, Failed>(
  work: () => MaybePromise<T>,
  succeeded: (value: T) => Result,
  failed: (error: unknown) => Failed,
): MaybePromise<Result | Failed> {
  try {
    const value = work();
    return isPromise(value) ? value.then(succeeded, failed) : succeeded(value);
  } catch (error) {
    return failed(error);
  }
}
