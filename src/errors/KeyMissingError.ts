import { KeyUnavailableError } from './KeyUnavailableError.js';

/** There is no such key, and waiting brings none. A class of its own, since the store makes its errors anew by class. */
export class KeyMissingError extends KeyUnavailableError {
  override readonly retryable = false;
}
