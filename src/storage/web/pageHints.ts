import type { HintChannel } from './hintChannel.js';
import { type PageListener, pageRegistry } from './pageRegistry.js';

/** Hints among the backend objects of this page, also those of other copies of the package. */
export function pageHints(space: string): HintChannel {
  const owner = {};
  const own = new Set<PageListener>();
  const all = (): Set<PageListener> | undefined => pageRegistry().listeners.get(space);

  const end = (each: PageListener): void => {
    own.delete(each);
    all()?.delete(each);
    if (!all()?.size) pageRegistry().listeners.delete(space);
  };

  return {
    post(key) {
      for (const each of all() ?? []) {
        if (each.owner === owner) continue;
        // Never from within a write. Who has ended its subscription by then hears nothing.
        queueMicrotask(() => all()?.has(each) && each.listener(key));
      }
    },
    subscribe(listener) {
      const each = { owner, listener };
      own.add(each);
      pageRegistry().listeners.set(space, (all() ?? new Set()).add(each));
      return () => end(each);
    },
    close() {
      for (const each of own) end(each);
    },
  };
}
