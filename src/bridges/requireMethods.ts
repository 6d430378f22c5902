/** @throws {TypeError} where a parameter is not an object with these methods; it names them. */
export function requireMethods(parameter: string, value: unknown, methods: readonly string[]): void {
  const members = value as Readonly<Record<string, unknown>> | null | undefined;
  const missing = methods.filter((method) => typeof members?.[method] !== 'function');
  if (missing.length > 0) {
    throw new TypeError(
      `The parameter "${parameter}" must be an object with the methods ${methods.join(', ')}; it has no ${missing.join(', ')}.`,
    );
  }
}

/** What makes a `StorageBackend`. */
export const backendMethods = ['get', 'compareAndSet', 'keys'] as const;
