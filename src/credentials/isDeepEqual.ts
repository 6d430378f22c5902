import { isObject } from './copyPlain.js';

/** Whether two plain values hold the same. The order of members does not matter; of errors, what they say counts. */
export function isDeepEqual(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (!isObject(left) || !isObject(right) || left.constructor !== right.constructor) return false;
  if (left instanceof Error && left.message !== (right as Error).message) return false;
  if (left instanceof Date) return left.getTime() === (right as Date).getTime();
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every(
      (name) => Object.hasOwn(right, name) && isDeepEqual(left[name as never], right[name as never]),
    )
  );
}
