import type { ShelflifeError } from '../errors/ShelflifeError.js';
import { leftOf, type Pause, pauseOf } from './Pause.js';

const firstWait = 1000;
const longestWait = 60_000;

/**
 * What failed, and when it is to be tried again by itself: a read, a refresh or the write of a refresh. Exponential
 * backoff with full jitter; a `Retry-After` of the server is the least wait.
 */
export class Failure {
  /** `undefined` where nothing failed, but the outcome calls for another try all the same. */
  readonly error: ShelflifeError | undefined;
  /** How many failed in a row. */
  readonly attempt: number;
  /** What tells the tokens whose refresh failed. */
  readonly tokens: string | undefined;
  /** Milliseconds; Infinity: not again without a change of the record. */
  readonly #wait: number;
  /** Milliseconds since the epoch. */
  #retryAt: number;
  /** How long the server asked to be left alone. */
  #pause: Pause | undefined;

  /** Whether another context asked for the pause to be remembered, so that this one can't tell when it is void. */
  readonly #isRemembered: boolean;
  /** Whether what called for another try came before the server's time was over. */
  isHastened = false;

  constructor(
    error: ShelflifeError | undefined,
    before: Failure | undefined,
    now: number,
    {
      tokens,
      isRemembered = false,
    }: { readonly tokens?: string | undefined; readonly isRemembered?: boolean } = {},
  ) {
    this.error = error;
    this.attempt = (before?.attempt ?? 0) + 1;
    this.tokens = tokens;
    this.#isRemembered = isRemembered;
    // Whole milliseconds, and never none: hosts fire a delay below one at once.
    const backoff = 1 + Math.floor(Math.random() * Math.min(longestWait, firstWait * 2 ** this.attempt));
    this.#pause = pauseOf(error, now);
    this.#wait = error?.retryable === false ? Infinity : Math.max(backoff, this.#pause?.wait ?? 0);
    this.#retryAt = now + this.#wait;
  }

  get retryAt(): number {
    return this.#retryAt;
  }

  /** Whether it is final, so that only a change of the record calls for another try. */
  get isPermanent(): boolean {
    return this.#retryAt === Infinity;
  }

  /** Whether it is time for another try. So it is where the clock was set back to before the failure. */
  isDue(now: number): boolean {
    return now >= this.#retryAt || this.#retryAt - now > this.#wait;
  }

  /** Milliseconds for which the server still asked to be left alone. */
  pauseLeft(now: number): number {
    return this.#pause ? leftOf(this.#pause, now) : 0;
  }

  /**
   * Something calls for another try at once: the host is online, or the record changed. Of the contexts that wait
   * for a server, only the one that the server told may do so.
   */
  hasten(): void {
    if (this.#isRemembered && this.#pause) return;
    this.isHastened = !this.isPermanent;
    this.#pause = undefined;
    this.#retryAt = 0;
  }

  /** The clock was set back: the wait, counted on it, would be longer by as much. */
  shorten(milliseconds: number): void {
    this.#retryAt -= milliseconds;
    if (this.#pause) this.#pause = { ...this.#pause, until: this.#pause.until - milliseconds };
  }
}
