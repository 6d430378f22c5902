import { clearInterval, setInterval } from 'node:timers';

const HEARTBEAT = 2000;

/** The heartbeat of an owner while it holds locks, and what is to be done at each beat. */
export class HeartbeatTimer {
  readonly #touch: () => Promise<void>;
  readonly #beats = new Set<() => void>();
  /** How to stop trying, for each lock that could not be given back. */
  readonly #unreturned = new Map<string, () => void>();
  #timer: NodeJS.Timeout | undefined;

  constructor(touch: () => Promise<void>) {
    this.#touch = touch;
  }

  /** Keeps the heartbeat going until the returned function is called, and calls back at each beat. */
  keep(beat: () => void): () => void {
    this.#beats.add(beat);
    this.#timer ??= setInterval(() => {
      void this.#touch();
      this.beat();
    }, HEARTBEAT);
    this.#timer.unref?.();
    return () => {
      this.#beats.delete(beat);
      if (this.#beats.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  beat(): void {
    for (const beat of this.#beats) beat();
  }

  /** Gives a lock back at one of the next beats, where that failed, unless it is taken again before. */
  giveBackLater(path: string, giveBack: () => void): void {
    const end = this.keep(() => {
      try {
        giveBack();
        this.takenAgain(path);
      } catch {
        // At the next beat.
      }
    });
    this.#unreturned.set(path, end);
  }

  /** A lock that may not have been given back is this owner's again. */
  takenAgain(path: string): void {
    this.#unreturned.get(path)?.();
    this.#unreturned.delete(path);
  }
}
