import { type CauseSummary, summarizeCause } from './summarizeCause.js';

/** What every error of this package can be told at construction. */
export interface ShelflifeErrorOptions {
  /** What led to the error. Only a summary is kept: HTTP clients put tokens into the errors they throw. */
  readonly cause?: unknown;
  /** The key of the entry concerned. */
  readonly key?: string | undefined;
  /** The name of the storage backend concerned. */
  readonly backend?: string | undefined;
}

/** Registered, so that it is the same symbol in every realm and in every copy of the package. */
export const brand: unique symbol = Symbol.for('shelflife.error') as never;

/**
 * The base of every error that this package raises on purpose.
 *
 * Tell errors apart by `code` (stable) or by class. No message, cause or stack ever contains a token.
 *
 * @example
 * ```ts
 * try {
 *   await session.getAccessToken();
 * } catch (error) {
 *   if (isShelflifeError(error) && error.retryable) scheduleAnotherTry();
 *   else throw error;
 * }
 * ```
 */
export class ShelflifeError extends Error {
  override name: string = 'ShelflifeError';
  /** Stable: code may be compared across versions, messages may not. */
  readonly code: string = 'ERR_SHELFLIFE';
  /** The key of the entry concerned, where there is one. */
  readonly key: string | undefined;
  /** The name of the storage backend concerned, where there is one. */
  readonly backend: string | undefined;
  /** True where the same call may succeed later with nothing changed by the caller. */
  readonly retryable: boolean = false;
  /** A summary (name, code, status, message) of what led to the error, never the thing itself. */
  declare readonly cause?: CauseSummary;

  constructor(message?: string, options: ShelflifeErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: summarizeCause(options.cause) });
    this.key = options.key;
    this.backend = options.backend;
    // Not a member of the class: a computed name would keep the class in bundles that never use it.
    Object.defineProperty(this, brand, { value: true });
  }
}
