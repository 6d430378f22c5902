import { isShelflifeError } from '../errors/isShelflifeError.js';
import type { ShelflifeError } from '../errors/ShelflifeError.js';
import { StorageQuotaError } from '../errors/StorageQuotaError.js';
import { StorageUnavailableError } from '../errors/StorageUnavailableError.js';
import { readMember, summarizeCause } from '../errors/summarizeCause.js';

const quota = new Set<unknown>(['QuotaExceededError', 'NS_ERROR_DOM_QUOTA_REACHED', 'ENOSPC', 'EDQUOT']);

/** Makes a typed error of whatever a backend threw. */
export function toStorageError(
  error: unknown,
  action: string,
  { key, backend, secrets }: { key?: string | undefined; backend: string; secrets: readonly string[] },
): ShelflifeError {
  if (isShelflifeError(error))
    return Object.assign(error, { key: error.key ?? key, backend: error.backend ?? backend });
  const cause = summarizeCause(error, secrets);
  const options = { cause, key, backend };
  return quota.has(readMember(error, 'name')) || quota.has(readMember(error, 'code'))
    ? new StorageQuotaError(`The storage "${backend}" is full: it could not ${action}.`, options)
    : new StorageUnavailableError(
        `The storage "${backend}" could not ${action}: ${cause.message || cause.name}.`,
        options,
      );
}
