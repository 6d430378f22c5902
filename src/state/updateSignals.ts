import { nextTick } from '../expiry/timeLeft.js';
import type { SignalCell } from '../signals/SignalCell.js';
import type { EntryState } from './model.js';

type AnyCell = Pick<SignalCell<unknown, EntryState>, 'update' | 'deliver'>;

/** Takes over the new values of all observed signals of an entry; those that have something to tell. */
export function updateSignals({ signals, known }: EntryState, now: number): AnyCell[] {
  if (!signals) return [];
  const changed: AnyCell[] = [];
  const update = (cell: AnyCell | undefined): void => {
    if (cell?.update()) changed.push(cell);
  };
  update(signals.credentials);
  update(signals.expiry);
  const deadline = known.record?.lifetime.deadline;
  for (const timeLeft of signals.timeLefts ?? []) {
    // Told at its own ticks and when the deadline is another one, not whenever something else changes.
    const tick = nextTick(deadline, now, timeLeft.every);
    if (tick === timeLeft.toldTick && deadline === timeLeft.toldDeadline) continue;
    timeLeft.toldTick = tick;
    timeLeft.toldDeadline = deadline;
    update(timeLeft.cell);
  }
  return changed;
}
