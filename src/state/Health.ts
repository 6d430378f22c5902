import type { ShelflifeError } from '../errors/ShelflifeError.js';

/** How the storage of a store is doing. */
export interface Health {
  /**
   * `ok`; `degraded`: works with less than asked (no lock across tabs); `failed`: the last read or write failed.
   * The next success restores it.
   */
  readonly status: 'ok' | 'degraded' | 'failed';
  /** Whether credentials survive the end of the context. */
  readonly persistent: boolean;
  /** The name of the storage backend. */
  readonly backend: string;
  /** Why the last read or write failed. */
  readonly error: ShelflifeError | undefined;
}
