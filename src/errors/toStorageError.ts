import { isShelflifeError } from './isShelflifeError.js';
import { redact } from './redact.js';
import type { ShelflifeError, ShelflifeErrorOptions } from './ShelflifeError.js';
import { StorageQuotaError } from './StorageQuotaError.js';
import { StorageUnavailableError } from './StorageUnavailableError.js';
import { summarizeCause } from './summarizeCause.js';

/** What a failure is told by: the entry it concerns, and what must not appear in its text. */
export interface Concern {
  readonly key?: string;
  readonly secrets?: readonly string[];
}

type ErrorClass = new (message: string, options: ShelflifeErrorOptions) => ShelflifeError;

/** Makes a typed error of whatever a backend threw; always a new one, since a backend may throw one error twice. */
export function toStorageError(
  error: unknown,
  action: string,
  backend: string,
  { key, secrets = [] }: Concern,
): ShelflifeError {
  if (isShelflifeError(error)) {
    return new (error.constructor as ErrorClass)(redact(error.message, secrets), {
      cause: error.cause && summarizeCause(error.cause, secrets),
      key,
      backend,
    });
  }
  const cause = summarizeCause(error, secrets);
  const isFull = /Quota|ENOSPC|QUOT/.test(`${cause.name} ${cause.code}`);
  return new (isFull ? StorageQuotaError : StorageUnavailableError)(
    `The storage "${backend}" could not ${action}: ${isFull ? 'it is full' : cause.message || cause.name}.`,
    { cause, key, backend },
  );
}
