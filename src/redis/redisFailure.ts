import { isShelflifeError } from '../errors/isShelflifeError.js';
import { StorageQuotaError } from '../errors/StorageQuotaError.js';
import { StorageUnavailableError } from '../errors/StorageUnavailableError.js';

export const BACKEND = 'redis';

/** Makes a typed error of what a client threw. A server quotes what it was sent only where it does not know the command. */
export function redisFailure(error: unknown, action: string): Error {
  if (isShelflifeError(error)) return error;
  const { name, message } = error as Error;
  const text = message.split(/, with args|command: /)[0]!;
  const options = { backend: BACKEND, cause: { name, message: text } };
  if (/^OOM\b|maxmemory/.test(text)) {
    return new StorageQuotaError(`Redis could not ${action}: it is full (maxmemory). ${advice}`, options);
  }
  return new StorageUnavailableError(`Redis could not ${action}: ${text || name}`, options);
}

const advice = 'Give it more memory, and the policy "noeviction", since any other deletes credentials.';
