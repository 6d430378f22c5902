import { CredentialsExpiredError } from '../errors/CredentialsExpiredError.js';
import { isObserved } from './due.js';
import { ExpiryWatch } from './ExpiryWatch.js';
import type { EntryState } from './model.js';
import { keepCurrent, readIfUnobserved } from './observe.js';
import { nextNumber } from './order.js';

/** A signal that aborts with the end of what is stored now. */
export function createExpirySignal(entry: EntryState): AbortSignal {
  const { store, key } = entry;
  const isCurrent = isObserved(entry) || store.storage.isSynchronous === true;
  if (isCurrent) readIfUnobserved(entry);
  const running = entry.watches.find((watch) => isCurrent && watch.isFor(entry.known.record));
  if (running) return running.signal;
  const reason = new CredentialsExpiredError(
    'The credentials expired, were invalidated, or their session ended.',
    { key, backend: store.context.backend.name },
  );
  const watch = new ExpiryWatch(isCurrent ? 0 : nextNumber(entry), reason);
  if (store.isClosed) watch.end();
  else keepCurrent(entry, () => (entry.watches = [...entry.watches, watch]));
  return watch.signal;
}
