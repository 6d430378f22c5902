import { isDate } from './parseInstant.js';

const dropped = /^(__proto__|constructor|prototype)$/;

/** More than credentials ever hold. A stored text of 1.5 kB can stand for millions, by references to shared ones. */
const mostValues = 100_000;

/** What every host, codec and superjson can still walk. */
const greatestDepth = 100;

/** Thrown for what no storage can keep; says what was expected. */
export class UncopyableError extends Error {}

export const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Whether a value is a plain or null-prototype object, of this realm or another. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (!isObject(value)) return false;
  const prototype = Object.getPrototypeOf(value) as object | null;
  return !prototype || (!Object.getPrototypeOf(prototype) && Object.hasOwn(prototype, 'isPrototypeOf'));
}

const isKept = (value: unknown): boolean => !/undefined|function|symbol/.test(typeof value);

/** The members of an object that can be kept: own, enumerable, with a value, and safe to revive. */
export function keepableEntries(value: object): [string, unknown][] {
  return Object.entries(value).filter(([name, member]) => !dropped.test(name) && isKept(member));
}

/**
 * A deep copy that shares nothing with the original and holds only what superjson keeps: class instances become
 * plain objects, since superjson would silently lose the dates in them, and what can be iterated becomes an array;
 * `__proto__`, `constructor` and `prototype` are dropped, since it would throw; functions and symbols are dropped.
 */
export function copyPlain(original: unknown): unknown {
  let values = 0;
  const copy = (value: unknown, ancestors: readonly object[]): unknown => {
    values += 1;
    if (values > mostValues) throw new UncopyableError(`at most ${mostValues} values`);
    if (!isObject(value)) return value;
    if (ancestors.includes(value)) throw new UncopyableError('a value that does not contain itself');
    if (ancestors.length === greatestDepth) throw new UncopyableError(`at most ${greatestDepth} levels`);
    if (isDate(value)) {
      const date = new Date(value);
      if (Number.isNaN(date.getTime())) throw new UncopyableError('a valid Date');
      return date;
    }
    const path = [...ancestors, value];
    // In a list, what is not kept leaves its place empty.
    if (Symbol.iterator in value)
      return Array.from(value as Iterable<unknown>, (item) => copy(isKept(item) ? item : undefined, path));
    return Object.fromEntries(
      keepableEntries(value).map(([name, member]) => [name, copy(member, path)] as const),
    );
  };
  return copy(original, []);
}

/** Freezes a copy in depth. (A frozen Date can still be changed, so nothing of ours reads it again.) */
export function deepFreeze<T>(value: T): T {
  if (isObject(value)) Object.values(Object.freeze(value)).forEach(deepFreeze);
  return value;
}
