import { ShelflifeError } from '../errors/ShelflifeError.js';
import { summarizeCause } from '../errors/summarizeCause.js';

/** Calls functions of the user's that have no caller to answer to: none while a lease is held, none throws at anybody. */
export class UserCalls {
  readonly #onError: ((error: ShelflifeError) => void) | undefined;
  readonly #leases: ReadonlySet<Promise<unknown>>;
  readonly #secrets: () => string[];

  /** `leases`: those that are held now. `secrets`: what must not appear in the text of an error. */
  constructor(
    onError: ((error: ShelflifeError) => void) | undefined,
    leases: ReadonlySet<Promise<unknown>>,
    secrets: () => string[],
  ) {
    this.#onError = onError;
    this.#leases = leases;
    this.#secrets = secrets;
  }

  /** Calls at once, or when the leases that are held by now are given back: no listener may delay one. */
  whenNoLeaseIsHeld(call: () => void): void {
    if (this.#leases.size) void Promise.allSettled(this.#leases).then(call);
    else call();
  }

  /** Tells of a failure that has no caller to reject to. */
  report(error: unknown): void {
    this.whenNoLeaseIsHeld(() => {
      try {
        this.#onError?.(error as ShelflifeError);
      } catch (thrown) {
        this.reportListenerError(thrown);
      }
    });
  }

  /** The same of a failure that must not go unheard, also where nobody listens. */
  reportAloud(error: ShelflifeError): void {
    if (this.#onError) this.report(error);
    else this.whenNoLeaseIsHeld(() => console.error(error));
  }

  /** What a listener threw is thrown at nobody else. (Deno and Bun would end the process over `reportError`.) */
  reportListenerError(error: unknown): void {
    const host = globalThis as { reportError?(error: unknown): void; Deno?: unknown; Bun?: unknown };
    if (host.reportError && !host.Deno && !host.Bun) return host.reportError(error);
    const wrapped = new ShelflifeError('A listener threw an error.', {
      cause: summarizeCause(error, this.#secrets()),
    });
    try {
      (this.#onError ?? console.error)(wrapped);
    } catch {
      console.error(wrapped);
    }
  }
}
