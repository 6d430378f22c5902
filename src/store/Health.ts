import type { ShelflifeError } from '../errors/ShelflifeError.js';

/** How the storage of a store is doing. */
export interface Health {
  /**
   * `ok`; `degraded`: works with less than asked (no lock across tabs, a fallback); `failed`: the last read or write failed.
   * The next success restores it.
   */
  readonly status: 'ok' | 'degraded' | 'failed';
  /** Whether credentials survive the end of the context. */
  readonly persistent: boolean;
  /** The name of the storage backend. */
  readonly backend: string;
  /** Why the last read or write failed, or why another storage serves than the one that was asked for. */
  readonly error: ShelflifeError | undefined;
}
