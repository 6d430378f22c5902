import { ShelflifeError } from '../errors/ShelflifeError.js';
import type { Clock } from './Clock.js';

/**
 * A clock of a user, which may throw or give no number. Then time stands still for whatever waits, and `error` says
 * so: no token is judged by such a clock.
 */
export class CheckedClock implements Clock {
  /** Why the clock gave no time when it was last looked at. */
  error: ShelflifeError | undefined;
  readonly #clock: Clock;
  #last: number | undefined;
  /** Frozen, so that it is told of no entry in particular. */
  readonly #broken = Object.freeze(
    new ShelflifeError('The option "clock" must give a finite number of milliseconds as now().'),
  );

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    let now: unknown;
    try {
      now = this.#clock.now();
    } catch {
      // What it says helps less than what was expected.
    }
    const isTime = Number.isFinite(now);
    this.error = isTime ? undefined : this.#broken;
    if (isTime) this.#last = now as number;
    return (this.#last ??= Date.now());
  }

  /** The time by which credentials are judged: without one, every deadline has passed. */
  get moment(): number {
    const now = this.now();
    return this.error ? Number.MAX_VALUE : now;
  }

  setTimeout(run: () => void, milliseconds: number): unknown {
    return this.#clock.setTimeout(run, milliseconds);
  }

  clearTimeout(handle: unknown): void {
    this.#clock.clearTimeout(handle);
  }
}
