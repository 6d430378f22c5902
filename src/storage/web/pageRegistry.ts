import type { Turns } from '../takeTurn.js';

/** Who wants to hear which keys were changed, unless `owner` did it. */
export interface PageListener {
  readonly owner: object;
  readonly listener: (key: string | undefined) => void;
}

/** What all backend objects of this page share, also those of another copy of the package or of another bundle. */
export interface PageRegistry {
  /** Tells this page from others. */
  readonly page: string;
  /** Who waits for which lease. */
  readonly turns: Turns;
  /** By the name of a space: who wants to hear of changes. */
  readonly listeners: Map<string, Set<PageListener>>;
  /** The last write that this page's view of localStorage is known to have shown. */
  shownWrite?: string;
}

/** The number goes up when the shape above changes: copies that can't understand each other must not meet. */
const symbol = Symbol.for('shelflife.page.1');

/** The registry of this page (or worker, or process), made at its first use. */
export function pageRegistry(): PageRegistry {
  const host = globalThis as { [symbol]?: PageRegistry };
  return (host[symbol] ??= {
    page: `${Math.random()} ${Date.now()}`,
    turns: new Map(),
    listeners: new Map(),
  });
}
