import type { Credentials } from '../credentials/Credentials.js';
import { handOut } from '../credentials/parseCredentials.js';
import type { Expiry } from '../expiry/Expiry.js';
import { expiringFrom, statusOf, toExpiry } from '../expiry/expiryOf.js';
import { nextTick, secondsLeft } from '../expiry/timeLeft.js';
import { SignalCell } from '../signals/SignalCell.js';
import type { SignalKind } from '../signals/SignalKind.js';
import { refreshRetryOf } from './Known.js';
import type { EntrySignals, EntryState } from './model.js';
import { entryHost } from './observe.js';

const credentialsKind: SignalKind<EntryState, Credentials | undefined> = {
  host: entryHost,
  serverValue: undefined,
  evaluate: ({ known }) => known.record?.credentials,
  validUntil: () => Infinity,
  show: (credentials) => credentials && handOut(credentials),
};

const expiryKind: SignalKind<EntryState, Expiry> = {
  host: entryHost,
  serverValue: /* @__PURE__ */ toExpiry('loading'),
  evaluate({ store, known }, now) {
    const { isLoaded, record, readRetry, isRefreshing } = known;
    // Nothing more is told of a record that was deleted.
    if (isLoaded && !record) return toExpiry('absent', null, false, readRetry?.error);
    const { leeway, unknownExpiry } = store.options;
    const status = record
      ? statusOf(record.lifetime, now, { leeway, unknownExpiry, mark: record.mark })
      : 'loading';
    const error = readRetry?.error ?? refreshRetryOf(known)?.error;
    return toExpiry(status, record?.lifetime.deadline, isRefreshing, error);
  },
  validUntil({ store, known }, now) {
    if (!known.record) return Infinity;
    const { lifetime } = known.record;
    const turns = [expiringFrom(lifetime, store.options.leeway), lifetime.deadline ?? Infinity];
    return Math.min(...turns.filter((turn) => turn > now));
  },
  show: (expiry) => expiry,
};

const timeLeftKind: SignalKind<EntryState, number | null> = {
  host: entryHost,
  serverValue: null,
  evaluate: ({ known }, now) => secondsLeft(known.record?.lifetime.deadline, now),
  validUntil: ({ known }, now) => nextTick(known.record?.lifetime.deadline, now, 1000),
  show: (seconds) => seconds,
};

function signalsOf(entry: EntryState): EntrySignals {
  return (entry.signals ??= { credentials: undefined, expiry: undefined, timeLefts: undefined });
}

/** The signal of the credentials of an entry. */
export function credentialsSignal(entry: EntryState): SignalCell<Credentials | undefined, EntryState> {
  return (signalsOf(entry).credentials ??= new SignalCell(credentialsKind, entry));
}

/** The signal of the expiry of an entry. */
export function expirySignalOf(entry: EntryState): SignalCell<Expiry, EntryState> {
  return (signalsOf(entry).expiry ??= new SignalCell(expiryKind, entry));
}

/** The signal of the time left, told every so many milliseconds. */
export function timeLeftSignal(entry: EntryState, every: number): SignalCell<number | null, EntryState> {
  const timeLefts = (signalsOf(entry).timeLefts ??= []);
  let known = timeLefts.find((timeLeft) => timeLeft.every === every);
  if (!known) {
    const cell = new SignalCell(timeLeftKind, entry);
    timeLefts.push((known = { every, cell, toldDeadline: undefined, toldTick: NaN }));
  }
  return known.cell;
}

/** Ends all subscriptions to the signals of an entry. */
export function completeSignals({ signals }: EntryState): void {
  const cells = [
    signals?.credentials,
    signals?.expiry,
    ...(signals?.timeLefts ?? []).map(({ cell }) => cell),
  ];
  for (const cell of cells) cell?.complete();
}
