/**
 * Time as the library sees it: replaceable in tests by `fakeClock()` from `shelflife/testing`.
 */
export interface Clock {
  /** Milliseconds since the epoch, by the wall clock. */
  now(): number;
  /** Runs a function once after at least so many milliseconds. */
  setTimeout(run: () => void, milliseconds: number): unknown;
  /** Forgets what `setTimeout` promised. */
  clearTimeout(handle: unknown): void;
}

/** The host's clock. Globals are looked up at each call, so that a test runner's fake timers work. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (run, milliseconds) => setTimeout(run, milliseconds),
  clearTimeout: (handle) => clearTimeout(handle as number),
};
