import { whileHeld } from '../async/withTimeout.js';
import { ShelflifeError } from '../errors/ShelflifeError.js';
import { closedError } from '../state/closedError.js';
import type { StoreState } from '../state/model.js';

/** How a call may be left before its work is done. */
export interface CallOptions {
  /** The key of the entry it is about. */
  readonly key?: string | undefined;
  /** Detaches this caller; what it waited for goes on. */
  readonly signal?: AbortSignal | undefined;
  /** Something else that may leave it; returns a function that ends that. */
  readonly bound?: ((leave: (error: unknown) => void) => () => void) | undefined;
}

/** The calls of users that are under way in a store. */
export class Calls {
  readonly #store: StoreState;
  readonly #pending = new Set<(error: unknown) => void>();

  constructor(store: StoreState) {
    this.#store = store;
  }

  /**
   * Runs a call: refused when the store is closed, rejected when it closes meanwhile, left by an aborting caller. What
   * it rejects with tells the key and the backend.
   */
  run<T>(work: () => Promise<T>, { key, signal, bound }: CallOptions = {}): Promise<T> {
    const running = new Promise<T>((resolve, reject) => {
      if (signal !== undefined && typeof signal?.addEventListener !== 'function')
        throw new TypeError('The option "signal" must be an AbortSignal.');
      const abort = (): void => leave(signal!.reason);
      let unbind: (() => void) | undefined;
      const detach = (): void => {
        unbind?.();
        signal?.removeEventListener('abort', abort);
        this.#pending.delete(leave);
      };
      const leave = (error: unknown): void => {
        detach();
        const { name } = this.#store.context.backend;
        if (error instanceof ShelflifeError && !Object.isFrozen(error))
          Object.assign(error, { key: error.key ?? key, backend: error.backend ?? name });
        reject(error);
      };
      if (this.#store.isClosing) return leave(closedError(this.#store));
      if (signal?.aborted) return abort();
      signal?.addEventListener('abort', abort);
      this.#pending.add(leave);
      unbind = bound?.(leave);
      work().then((value) => {
        detach();
        resolve(value);
      }, leave);
    });
    return whileHeld(running);
  }

  /** The store is closed: whatever still waits is rejected. */
  leaveAll(): void {
    for (const leave of [...this.#pending]) leave(closedError(this.#store));
  }
}
