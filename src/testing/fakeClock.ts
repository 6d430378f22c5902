import type { Clock } from '../expiry/Clock.js';
import { openTurns, type Turns } from './turns.js';

/** A clock that moves only when told to. */
export interface FakeClock extends Clock {
  /**
   * Lets time pass: runs the timers that fall due, in order, those set meanwhile too. Between them the event
   * loop turns, so that promises and input/output that is ready settle. If a timer throws, the others still
   * run, and the call rejects with the first error at the end.
   */
  advance(milliseconds: number): Promise<void>;
  /**
   * Moves the wall clock alone, forward or back, as sleep or a user does. No timer runs, and each keeps the
   * time it still had to wait.
   */
  jump(milliseconds: number): void;
}

interface Timer {
  readonly due: number;
  readonly run: () => void;
}

/** 1 January 2026, so that a test says the same every day. */
const DEFAULT_NOW = Date.UTC(2026, 0, 1);

/** The longest delay hosts know; see `dueIn`. */
const LONGEST_DELAY = 2 ** 31 - 1;

/** As many timers without any time passing are no longer work but a loop. */
const LOOP_LIMIT = 100_000;

/** At both ends of an advance; IndexedDB in memory needs several turns for one transaction. */
const TURNS_AT_THE_ENDS = 20;
const TURNS_AFTER_A_TIMER = 2;

/**
 * Makes a clock for tests, to be given to a store as its `clock`.
 *
 * Timers follow monotonic time, `now()` follows the wall clock: `advance` moves both, `jump` the second only.
 * A delay that is negative, `NaN` or above 2^31-1 fires at once, as in real hosts, so that an overflow shows.
 *
 * @param options.now Where the wall clock begins, in milliseconds since the epoch; 1 January 2026 if left out.
 *
 * @example
 * ```ts
 * const clock = fakeClock();
 * const session = createCredentialStore({ storage: memoryBackend(), clock }).entry();
 * await session.set({ access_token: 'token', issued_at: new Date(clock.now()), expires_in: 3600 });
 *
 * await clock.advance(3_600_000);
 * session.expiry.value.status; // 'expired'
 * ```
 */
export function fakeClock(options: { readonly now?: number | undefined } = {}): FakeClock {
  const { now = DEFAULT_NOW } = options;
  requireFinite('now', now);

  let wall = now;
  let monotonic = 0;
  let advancing: Promise<void> = Promise.resolve();
  /** Sorted by due time; of the same due time, by creation. */
  const timers: Timer[] = [];

  async function run(milliseconds: number, turns: Turns): Promise<void> {
    const errors: unknown[] = [];
    const end = monotonic + milliseconds;
    let ranInThisInstant = 0;
    await turns.pass(TURNS_AT_THE_ENDS);
    for (;;) {
      const timer = timers[0];
      if (!timer || timer.due > end) break;
      timers.shift();
      const passed = Math.max(0, timer.due - monotonic);
      ranInThisInstant = passed === 0 ? ranInThisInstant + 1 : 1;
      if (ranInThisInstant > LOOP_LIMIT) {
        throw new Error(
          `${LOOP_LIMIT} timers ran and no time passed: a delay that is negative, NaN or above 2^31-1 fires at once`,
        );
      }
      wall += passed;
      monotonic += passed;
      try {
        timer.run();
      } catch (error) {
        errors.push(error);
      }
      await turns.pass(TURNS_AFTER_A_TIMER);
    }
    wall += end - monotonic;
    monotonic = end;
    await turns.pass(TURNS_AT_THE_ENDS);
    if (errors.length > 0) throw errors[0];
  }

  return {
    now: () => wall,

    setTimeout(callback, milliseconds) {
      if (typeof callback !== 'function') throw new TypeError('run must be a function');
      if (typeof milliseconds !== 'number') throw new TypeError('milliseconds must be a number');
      const timer: Timer = { due: monotonic + dueIn(milliseconds), run: callback };
      const later = timers.findLastIndex((other) => other.due <= timer.due) + 1;
      timers.splice(later, 0, timer);
      return timer;
    },

    clearTimeout(handle) {
      const index = timers.findIndex((timer) => timer === handle);
      if (index !== -1) timers.splice(index, 1);
    },

    async advance(milliseconds) {
      requireFinite('milliseconds', milliseconds);
      if (milliseconds < 0)
        throw new TypeError('milliseconds must not be negative: jump() sets the clock back');
      const turns = openTurns();
      const advanced = advancing.then(() => run(milliseconds, turns)).finally(turns.close);
      advancing = advanced.catch(() => {});
      await advanced;
    },

    jump(milliseconds) {
      requireFinite('milliseconds', milliseconds);
      wall += milliseconds;
    },
  };
}

function dueIn(milliseconds: number): number {
  return milliseconds >= 1 && milliseconds <= LONGEST_DELAY ? Math.floor(milliseconds) : 0;
}

function requireFinite(name: string, value: unknown): void {
  if (!Number.isFinite(value)) throw new TypeError(`${name} must be a finite number`);
}
