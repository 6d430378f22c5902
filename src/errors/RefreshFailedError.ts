import { refusalCause } from './refusalCause.js';
import { ShelflifeError, type ShelflifeErrorOptions } from './ShelflifeError.js';

/**
 * A refresh failed for a reason that may pass: the network, the server, an unusable answer.
 *
 * Throw it from the `refresh` callback to say when to try again.
 *
 * @example
 * ```ts
 * throw new RefreshFailedError('503', { retryAfter: Number(response.headers.get('retry-after')) });
 * ```
 */
export class RefreshFailedError extends ShelflifeError {
  override name = 'RefreshFailedError' as const;
  override readonly code = 'ERR_REFRESH_FAILED' as const;
  override readonly retryable: boolean = true;
  /** Seconds to wait before the next try, as the server's `Retry-After` said (RFC 9110 §10.2.3). */
  readonly retryAfter: number | undefined;

  constructor(
    message?: string,
    options: ShelflifeErrorOptions & { readonly retryAfter?: number | undefined } = {},
  ) {
    super(message, refusalCause(options));
    this.retryAfter = options.retryAfter;
  }
}
