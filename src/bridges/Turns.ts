import { holdTimer } from '../async/holdTimer.js';

/** Turns in order. One that does not end in time no longer keeps the next waiting. */
export class Turns {
  readonly #patience: number;
  #last: Promise<void> = Promise.resolve();

  /** @param patience milliseconds */
  constructor(patience: number) {
    this.#patience = patience;
  }

  /** Waits for a turn, and gives what ends it. */
  async take(): Promise<() => void> {
    const before = this.#last;
    let finish = (): void => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    this.#last = before.then(() => finished);
    await before;
    const timer = setTimeout(finish, this.#patience);
    holdTimer(timer, false);
    return () => {
      clearTimeout(timer);
      finish();
    };
  }
}
