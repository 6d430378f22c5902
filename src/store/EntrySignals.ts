import type { Credentials } from '../credentials/Credentials.js';
import type { Expiry } from '../expiry/Expiry.js';
import { nextTick, secondsLeft } from '../expiry/timeLeft.js';
import { SignalCell, type SignalSource } from '../signals/SignalCell.js';
import type { Signal } from '../signals/Signal.js';
import type { EntryState } from './EntryState.js';

const loadingExpiry: Expiry = { status: 'loading', expiresAt: null, refreshing: false, error: undefined };

interface Ticking {
  readonly every: number;
  readonly cell: SignalCell<number | null>;
  observers: number;
  deadline: number | null | undefined;
  tellAt: number;
}

/** The signals of one entry, made when first asked for. */
export class EntrySignals {
  readonly #state: EntryState;
  #credentials: SignalCell<Credentials | undefined> | undefined;
  #expiry: SignalCell<Expiry> | undefined;
  readonly #ticking = new Map<number, Ticking>();

  constructor(state: EntryState) {
    this.#state = state;
  }

  get credentials(): Signal<Credentials | undefined> {
    return (this.#credentials ??= this.#cell<Credentials | undefined>(
      () => this.#state.known.snapshot,
      undefined,
    ));
  }

  get expiry(): Signal<Expiry> {
    return (this.#expiry ??= this.#cell(() => this.#state.expiry, loadingExpiry));
  }

  timeLeft(every: number): Signal<number | null> {
    let ticking = this.#ticking.get(every);
    if (!ticking) {
      const seconds = (): number | null => secondsLeft(this.#deadline, this.#now);
      const made: Ticking = (ticking = {
        every,
        observers: 0,
        deadline: undefined,
        tellAt: 0,
        cell: this.#cell<number | null>(seconds, null, (count) => {
          made.observers += count;
        }),
      });
      this.#ticking.set(every, ticking);
    }
    return ticking.cell;
  }

  get #deadline(): number | null | undefined {
    return this.#state.record?.lifetime.deadline;
  }

  get #now(): number {
    return this.#state.store.clock.now();
  }

  #cell<T>(value: () => T, serverValue: T, count?: (change: 1 | -1) => void): SignalCell<T> {
    const state = this.#state;
    const source: SignalSource<T> = {
      serverValue,
      read() {
        state.touch();
        return value();
      },
      start() {
        count?.(1);
        state.observe();
      },
      stop() {
        count?.(-1);
        state.unobserve();
      },
      isClosed: () => state.store.isClosed,
      hold: () => state.store.scheduler.hold(),
      onListenerError: (error) => state.store.reportListenerError(error, state),
    };
    return new SignalCell(source);
  }

  /** Takes over the new values of all observed signals; those that have something to tell. */
  update(): SignalCell<never>[] {
    const due = [...this.#ticking.values()].filter((ticking) => this.#isDue(ticking)).map(({ cell }) => cell);
    const cells = [this.#credentials, this.#expiry, ...due] as (SignalCell<never> | undefined)[];
    return cells.filter((cell): cell is SignalCell<never> => !!cell?.update());
  }

  /** Time left is told at its own ticks and when the deadline is another one, not whenever something else changes. */
  #isDue(ticking: Ticking): boolean {
    if (!ticking.observers) return false;
    const now = this.#now;
    const deadline = this.#deadline;
    const wasSetBack = ticking.tellAt - now > ticking.every && ticking.tellAt !== Infinity;
    if (deadline === ticking.deadline && now < ticking.tellAt && !wasSetBack) return false;
    ticking.deadline = deadline;
    ticking.tellAt = nextTick(deadline, now, ticking.every);
    return true;
  }

  /** When the observed time-left signals are next to be told. */
  ticks(now: number): number[] {
    return [...this.#ticking.values()]
      .filter(({ observers }) => observers)
      .map(({ every }) => nextTick(this.#deadline, now, every));
  }

  complete(): void {
    for (const cell of [
      this.#credentials,
      this.#expiry,
      ...[...this.#ticking.values()].map(({ cell }) => cell),
    ])
      cell?.complete();
  }
}
