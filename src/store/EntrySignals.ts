import type { Credentials } from '../credentials/Credentials.js';
import { handOut } from '../credentials/parseCredentials.js';
import type { Expiry } from '../expiry/Expiry.js';
import { toExpiry } from '../expiry/expiryOf.js';
import { nextTick, secondsLeft } from '../expiry/timeLeft.js';
import { SignalCell } from '../signals/SignalCell.js';
import type { EntryState } from './EntryState.js';

interface TimeLeft {
  readonly every: number;
  readonly cell: SignalCell<number | null>;
  /** The deadline and tick that were told last. */
  told: string;
}

/** The signals of one entry, made when first asked for. */
export class EntrySignals {
  readonly #state: EntryState;
  #credentials: SignalCell<Credentials | undefined> | undefined;
  #expiry: SignalCell<Expiry> | undefined;
  readonly #timeLefts: TimeLeft[] = [];

  constructor(state: EntryState) {
    this.#state = state;
  }

  get credentials(): SignalCell<Credentials | undefined> {
    return (this.#credentials ??= this.#cell<Credentials | undefined>(
      ({ record }) => record?.credentials,
      undefined,
      (credentials) => credentials && handOut(credentials),
    ));
  }

  get expiry(): SignalCell<Expiry> {
    return (this.#expiry ??= this.#cell((state) => state.expiry, toExpiry('loading')));
  }

  timeLeft(every: number): SignalCell<number | null> {
    const known = this.#timeLefts.find((timeLeft) => timeLeft.every === every);
    if (known) return known.cell;
    const cell = this.#cell<number | null>(({ deadline, moment }) => secondsLeft(deadline, moment), null);
    this.#timeLefts.push({ every, cell, told: '' });
    return cell;
  }

  #cell<T>(read: (state: EntryState) => T, serverValue: T, show?: (value: T) => T): SignalCell<T> {
    const state = this.#state;
    const touchAndRead = (): T => {
      state.touch();
      return read(state);
    };
    return new SignalCell(state, touchAndRead, serverValue, show);
  }

  /** Takes over the new values of all observed signals; those that have something to tell. */
  update(): SignalCell<never>[] {
    const { deadline, moment } = this.#state;
    const cells: (SignalCell<never> | undefined)[] = [this.#credentials, this.#expiry] as never[];
    for (const timeLeft of this.#timeLefts) {
      // Told at its own ticks and when the deadline is another one, not whenever something else changes.
      const tick = `${deadline} ${nextTick(deadline, moment, timeLeft.every)}`;
      if (tick !== timeLeft.told) cells.push(timeLeft.cell as never);
      timeLeft.told = tick;
    }
    return cells.filter((cell): cell is SignalCell<never> => !!cell?.update());
  }

  /** When observed signals are next to be told of the time left. */
  ticks(now: number): number[] {
    const observed = this.#timeLefts.filter(({ cell }) => cell.isObserved);
    return observed.map(({ every }) => nextTick(this.#state.deadline, now, every));
  }

  complete(): void {
    for (const cell of [this.#credentials, this.#expiry, ...this.#timeLefts.map(({ cell: each }) => each)])
      cell?.complete();
  }
}
