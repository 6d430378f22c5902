import type { ShelflifeError } from '../errors/ShelflifeError.js';

/** A backend that may work with less than it was asked for, and then says why. A wrapper passes it on. */
export interface Degradable {
  /** Why; `undefined` while it works as it was asked to. `health` is `degraded` by it, and gives it as `error`. */
  readonly degradation?: ShelflifeError | undefined;
}
