/** Of how many records the plain text is kept. */
const mostKept = 1000;

interface Pair {
  readonly stored: string;
  readonly text: string;
}

/**
 * What was last stored under each key, and its plain text: what did not change need not be decrypted again, and a write
 * finds what its caller read.
 */
export class PlainTexts {
  readonly #pairs = new Map<string, Pair>();

  get(key: string): Pair | undefined {
    return this.#pairs.get(key);
  }

  keep(key: string, stored: string, text: string): void {
    // At the end again: the first is the one that was not used for the longest time.
    this.#pairs.delete(key);
    this.#pairs.set(key, { stored, text });
    if (this.#pairs.size <= mostKept) return;
    const [oldest] = this.#pairs.keys();
    this.#pairs.delete(oldest!);
  }

  forget(key: string): void {
    this.#pairs.delete(key);
  }

  clear(): void {
    this.#pairs.clear();
  }
}
