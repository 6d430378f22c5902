import { broadcast } from './broadcast.js';
import { type HintChannel, pageHints } from './pageHints.js';
import { pageRegistry } from './pageRegistry.js';

export type { HintChannel } from './pageHints.js';

/**
 * Hints within the page, and to other contexts by `BroadcastChannel` where the runtime has it: a message is
 * `{ key, page }`, and never carries a value.
 */
export function hintChannel(name: string): HintChannel {
  const listeners = new Set<(key: string | undefined) => void>();
  const hints = pageHints(name);
  const channel = broadcast(
    name,
    ({ key, page }) => {
      // This page has been told already.
      if (typeof key !== 'string' || page === pageRegistry().page) return;
      for (const listener of listeners) listener(key);
    },
    () => listeners.size > 0,
  );

  return {
    post(key) {
      hints.post(key);
      channel.post({ key, page: pageRegistry().page });
    },
    subscribe(listener) {
      listeners.add(listener);
      channel.open();
      const unsubscribe = hints.subscribe(listener);
      return () => {
        listeners.delete(listener);
        unsubscribe();
      };
    },
    close() {
      listeners.clear();
      hints.close();
      channel.close();
    },
  };
}
