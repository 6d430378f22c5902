import { isPromise } from '../async/isPromise.js';
import type { MaybePromise } from '../storage/StorageBackend.js';

/** Goes on with a value, at once where it is there. */
export function andThen<T, Result>(
  value: MaybePromise<T>,
  work: (value: T) => MaybePromise<Result>,
): MaybePromise<Result> {
  return isPromise(value) ? value.then(work) : work(value);
}
