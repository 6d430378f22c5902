const dropped = new Set(['__proto__', 'constructor', 'prototype']);

/** Thrown for what no storage can keep. The caller knows which member it was in. */
export class UncopyableError extends Error {}

/** Whether a value is a plain or null-prototype object, of this realm or another. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value) as object | null;
  return (
    prototype === null ||
    (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf'))
  );
}

/** The members of an object that can be kept: own, enumerable, with a value, and safe to revive. */
export function keepableEntries(value: object): [string, unknown][] {
  return Object.entries(value).filter(
    ([name, member]) =>
      !dropped.has(name) &&
      member !== undefined &&
      typeof member !== 'function' &&
      typeof member !== 'symbol',
  );
}

/**
 * A deep copy that shares nothing with the original and holds only what superjson keeps: class instances become
 * plain objects, since superjson would silently lose the dates in them; `__proto__`, `constructor` and `prototype`
 * are dropped, since it would throw; functions and symbols are dropped.
 */
export function copyPlain(value: unknown, ancestors: readonly object[] = []): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (ancestors.includes(value)) throw new UncopyableError('a value that does not contain itself');
  const path = [...ancestors, value];
  const copy = (member: unknown): unknown => copyPlain(member, path);
  const tag = Object.prototype.toString.call(value);
  if (tag === '[object Date]') {
    const date = new Date(value as Date);
    if (Number.isNaN(date.getTime())) throw new UncopyableError('a valid Date');
    return date;
  }
  if (Array.isArray(value)) {
    return value.map((member) =>
      typeof member === 'function' || typeof member === 'symbol' ? null : copy(member),
    );
  }
  if (tag === '[object Map]')
    return new Map([...(value as Map<unknown, unknown>)].map(([name, member]) => [copy(name), copy(member)]));
  if (tag === '[object Set]') return new Set([...(value as Set<unknown>)].map(copy));
  return Object.fromEntries(keepableEntries(value).map(([name, member]) => [name, copy(member)]));
}

/** Freezes a copy in depth. (A frozen Date or Map can still be changed, so nothing of ours reads them again.) */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    for (const member of Object.values(Object.freeze(value))) deepFreeze(member);
  }
  return value;
}
