import { healthChanged } from './healthSignal.js';
import type { StoreState } from './model.js';

/** Reads entries again that somebody needs, when the backend says that they were changed elsewhere. */
export function listenToHints(store: StoreState): void {
  const { effects, scheduler, storage, options, users } = store;
  try {
    store.stopHints ??= options.storage.subscribe?.((key) => {
      healthChanged(store);
      for (const entry of [...scheduler.watched])
        if (key === undefined || key === entry.storageKey) effects.reload(entry);
    });
  } catch (error) {
    users.report(storage.serviceFailed(error, 'subscribe', () => ({})));
  }
}

export function stopHints(store: StoreState): void {
  try {
    store.stopHints?.();
  } catch (error) {
    store.users.report(store.storage.serviceFailed(error, 'unsubscribe', () => ({})));
  }
  store.stopHints = undefined;
}
