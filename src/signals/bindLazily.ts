/**
 * Lets the named methods of a class be passed around unbound. Each is bound at its first use on an object,
 * so that an object nobody takes apart carries no closures.
 */
export function bindLazily<Class extends abstract new (...parameters: never[]) => object>(
  constructor: Class,
  names: readonly (keyof InstanceType<Class>)[],
): Class {
  const prototype = constructor.prototype as Record<PropertyKey, (...parameters: unknown[]) => unknown>;
  for (const name of names) {
    const method = prototype[name];
    Object.defineProperty(prototype, name, {
      configurable: true,
      get(this: object) {
        const bound = method.bind(this);
        Object.defineProperty(this, name, { value: bound });
        return bound;
      },
    });
  }
  return constructor;
}
