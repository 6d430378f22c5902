/** Fails a conformance test with one sentence: what every backend does, and what this one did. */
export function demand(kept: boolean, rule: string, happened: string): asserts kept {
  if (!kept) throw new Error(`${rule}, but ${happened}`);
}

/** Fails a conformance test unless two values are the very same, type and all. */
export function demandSame(actual: unknown, expected: unknown, rule: string): void {
  demand(actual === expected, rule, `here ${show(expected)} was expected and ${show(actual)} came`);
}

/** A value as a sentence can hold it. All values of the suite are synthetic, so they may be shown. */
export function show(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 80 ? `${text.slice(0, 60)}… (${text.length} characters)` : text;
}

/** Several values as a sentence can hold them. */
export function showAll(values: readonly unknown[]): string {
  return values.length > 0 ? values.map(show).join(', ') : 'nothing';
}
