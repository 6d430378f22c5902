import { expiringFrom, statusOf } from '../expiry/expiryOf.js';
import { nextTick } from '../expiry/timeLeft.js';
import { refreshRetryOf } from './Known.js';
import type { Effect, EntryState } from './model.js';
import { isDue, retryAt } from './Retry.js';

/** Whether somebody needs an entry kept current. */
export function isObserved({ observers, watches }: EntryState): boolean {
  return observers > 0 || watches.length > 0;
}

/** What a store is to do by itself now. What fails is not due again before its backoff is over. */
export function dueEffects(entry: EntryState, now: number): Effect[] {
  const { slot, known } = entry;
  const due: Effect[] = [];
  if (slot?.saving?.retry && isDue(slot.saving.retry, now)) due.push('save');
  if (known.readRetry && isObserved(entry) && isDue(known.readRetry, now)) due.push('reload');
  if (isRefreshDue(entry, now)) due.push('refresh');
  return due;
}

function isRefreshDue({ store, slot, known, observers }: EntryState, now: number): boolean {
  const { refresh, autoRefresh, leeway, unknownExpiry } = store.options;
  const { record, readRetry } = known;
  if (!record || !observers || !refresh || !autoRefresh || store.isClosing || slot?.flight) return false;
  // A refresh begins with a read: while reads fail, they alone are tried again.
  if (readRetry || store.clock.error) return false;
  const { lifetime, mark, revision } = record;
  if (statusOf(lifetime, now, { leeway, unknownExpiry, mark }) === 'fresh') return false;
  const retry = refreshRetryOf(known);
  if (!retry) return true;
  // A rejection holds for one revision: after `invalidate()` a refresh may be asked for once more.
  return retry.wait === Infinity ? retry.revision !== revision : isDue(retry, now);
}

/** When something is next due, or to be told: milliseconds since the epoch. */
export function nextMoment(entry: EntryState, now: number): number {
  const { store, slot, known, observers, watches, signals } = entry;
  const { record, readRetry } = known;
  let next = Infinity;
  const consider = (moment: number | null | undefined): void => {
    if (moment != null && moment > now && moment < next) next = moment;
  };
  if (slot?.saving?.retry) consider(retryAt(slot.saving.retry));
  if (readRetry) consider(retryAt(readRetry));
  if (record) {
    consider(expiringFrom(record.lifetime, store.options.leeway));
    consider(record.lifetime.deadline);
    const refreshRetry = observers ? refreshRetryOf(known) : undefined;
    if (refreshRetry) consider(retryAt(refreshRetry));
  }
  for (const { deadline } of watches) consider(deadline);
  for (const { cell, every } of signals?.timeLefts ?? [])
    if (cell.isObserved) consider(nextTick(record?.lifetime.deadline, now, every));
  return next;
}
