/**
 * The text of a stored value. What other programs stored without turning it into text is given as JSON, always the
 * same for the same value, so that the core can judge it and `compareAndSet` can replace it.
 */
export function asText(value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  try {
    return JSON.stringify(value);
  } catch {
    return typeof value; // A bigint, or something circular.
  }
}
