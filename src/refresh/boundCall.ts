import { startTimer } from '../async/withTimeout.js';
import { TimeoutError } from '../errors/TimeoutError.js';
import type { EntryState } from '../state/model.js';

/** How much later than asked a timer fires where the host slept, in milliseconds. */
const sleep = 1000;

/**
 * Bounds a call that may wait for storage, for another context and for the server in turn: in all it takes no longer
 * than the storage and one refresh may. What it waited for goes on. After a sleep of the host, whose timers
 * fire before it reads what came over the network, storage gets its time again. Returns a function that ends it.
 */
export function boundCall({ store, key }: EntryState, giveUp: (error: TimeoutError) => void): () => void {
  const { timeout, refreshTimeout } = store.options;
  const bound = timeout + refreshTimeout;
  const started = Date.now();
  const late = (): void =>
    giveUp(
      new TimeoutError(
        `The call took longer than ${bound} ms (options "timeout" and "refreshTimeout" together). What it waited for goes on.`,
        { key },
      ),
    );
  let timer = startTimer(() => {
    if (Date.now() - started > bound + sleep) timer = startTimer(late, timeout);
    else late();
  }, bound);
  return () => clearTimeout(timer);
}
