import { StorageUnavailableError } from '../errors/StorageUnavailableError.js';
import type { Connection } from './Connection.js';
import { pause } from '../storage/pause.js';
import { BACKEND } from './redisFailure.js';

/** How long a client may need to connect, in milliseconds: less than any sensible timeout of a store. */
const patience = 1000;
const pollInterval = 20;

/**
 * Resolves when a client is connected: it was just made, or is connecting again.
 *
 * @throws {StorageUnavailableError} where it is not, and where it is not to be within a second: commands that wait
 * in a client's own queue might be sent when nobody counts on it any more.
 */
export async function whenReady(connection: Connection): Promise<void> {
  const startedAt = performance.now();
  while (!connection.isReady) {
    if (connection.isClosed) {
      throw new StorageUnavailableError(
        'The Redis client is not connected. Connect it (`await client.connect()`), and close it after the stores.',
        { backend: BACKEND },
      );
    }
    if (performance.now() - startedAt > patience) {
      throw new StorageUnavailableError(
        'The Redis client is not connected; it is trying to connect. Try again.',
        {
          backend: BACKEND,
        },
      );
    }
    await pause(pollInterval);
  }
}
