import { isShelflifeError } from '../errors/isShelflifeError.js';
import type { ShelflifeError } from '../errors/ShelflifeError.js';
import { StorageQuotaError } from '../errors/StorageQuotaError.js';
import { StorageUnavailableError } from '../errors/StorageUnavailableError.js';
import { readMember, summarizeCause } from '../errors/summarizeCause.js';

/** What a failure is told by: the entry it concerns, and what must not appear in its text. */
export interface Concern {
  readonly key?: string;
  readonly secrets?: readonly string[];
}

/** Makes a typed error of whatever a backend threw. */
export function toStorageError(
  error: unknown,
  action: string,
  backend: string,
  { key, secrets }: Concern,
): ShelflifeError {
  if (isShelflifeError(error))
    return Object.assign(error, { key: error.key ?? key, backend: error.backend ?? backend });
  const cause = summarizeCause(error, secrets);
  const isFull = /Quota|ENOSPC|QUOT/.test(`${cause.name} ${readMember(error, 'code')}`);
  return new (isFull ? StorageQuotaError : StorageUnavailableError)(
    `The storage "${backend}" could not ${action}: ${isFull ? 'it is full' : cause.message || cause.name}.`,
    { cause, key, backend },
  );
}
