import { type PageListener, pageRegistry } from './pageRegistry.js';

/** Tells other contexts of this origin, and other backend objects of this page, which keys were changed. */
export interface HintChannel {
  /** Says that a key was changed. */
  post(key: string): void;
  /** Calls the listener with each key changed elsewhere. */
  subscribe(listener: (key: string | undefined) => void): () => void;
  /** Releases the channel and forgets the listeners. The next `post` or `subscribe` opens it again. */
  close(): void;
}

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
