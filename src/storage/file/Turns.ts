interface Line {
  readonly waiting: (() => void)[];
  progress: number;
}

/** Gives turns for a name to one taker after the other, within this context. */
export class Turns {
  readonly #lines = new Map<string, Line>();

  /** Resolves with the function that ends the turn; with `undefined` if the signal aborted before the turn came. */
  async take(name: string, signal?: AbortSignal): Promise<(() => void) | undefined> {
    if (signal?.aborted) return undefined;
    const line = this.#lines.get(name);
    if (line === undefined) this.#lines.set(name, { waiting: [], progress: 0 });
    else if (!(await called(line.waiting, signal))) return undefined;
    return () => {
      const next = this.#lines.get(name)?.waiting.shift();
      if (next === undefined) this.#lines.delete(name);
      else next();
    };
  }

  /** When somebody of the present line got what they took their turn for, by `performance.now()`. */
  lastProgress(name: string): number {
    return this.#lines.get(name)?.progress ?? 0;
  }

  /** Notes that the one whose turn it is got it. */
  noteProgress(name: string): void {
    const line = this.#lines.get(name);
    if (line) line.progress = performance.now();
  }
}

function called(waiting: (() => void)[], signal: AbortSignal | undefined): Promise<boolean> {
  return new Promise((resolve) => {
    const begin = () => {
      signal?.removeEventListener('abort', leave);
      resolve(true);
    };
    const leave = () => {
      const place = waiting.indexOf(begin);
      if (place !== -1) waiting.splice(place, 1);
      resolve(false);
    };
    waiting.push(begin);
    signal?.addEventListener('abort', leave, { once: true });
  });
}
