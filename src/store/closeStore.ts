import { withTimeout } from '../async/withTimeout.js';
import { saveAgain } from '../refresh/saveRefreshed.js';
import { closedError } from '../state/closedError.js';
import { completeSignals } from '../state/entrySignals.js';
import { stopHints } from '../state/hints.js';
import type { StoreState } from '../state/model.js';
import { reschedule } from '../state/publish.js';
import { giveUpSaving } from '../state/saving.js';
import type { Calls } from './Calls.js';

/** Ends everything in a store: running work may finish within the timeout, then whatever still waits is rejected. */
export async function closeStore(store: StoreState, calls: Calls): Promise<void> {
  const { context, options, scheduler, storage } = store;
  store.isClosing = true;
  try {
    await withTimeout(finish(store), options.timeout, () => closedError(store));
  } catch {
    // What does not end in time is left alone; its commit is fenced by `compareAndSet`.
  }
  store.isClosed = true;
  for (const entry of [...scheduler.watched]) {
    for (const watch of entry.watches) watch.end();
    completeSignals(entry);
    // Whoever asks for it again is to find what it showed last.
    store.entries.hold(entry.storageKey, entry);
    reschedule(entry);
  }
  stopHints(store);
  store.health.complete();
  calls.leaveAll();
  context.stores.delete(store);
  if (context.stores.size) return;
  for (const { saving } of context.saving) giveUpSaving(saving);
  const { backend } = context;
  if (backend.close)
    await storage.serve(
      'close',
      () => ({}),
      () => backend.close!(),
    );
}

/** Waits for what runs, and for what that leads to. */
async function finish(store: StoreState): Promise<void> {
  const running = (): Promise<unknown>[] => [
    ...[...store.context.flights]
      .filter((flight) => flight.store === store)
      .flatMap(({ promise, late }) => (late ? [promise, late] : [promise])),
    ...store.context.writes.running(),
  ];
  const saving = [...store.context.saving].map(saveAgain);
  for (let work = [...saving, ...running()]; work.length && !store.isClosed; work = running())
    await Promise.allSettled(work);
}
