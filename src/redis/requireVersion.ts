import { StorageUnavailableError } from '../errors/StorageUnavailableError.js';
import { type Connection, textOf } from './Connection.js';
import { BACKEND } from './redisFailure.js';

const oldestMajor = 7;

/** @throws {StorageUnavailableError} where the server is older than Redis 7. Valkey says it is a Redis 7.2. */
export async function requireVersion(connection: Connection): Promise<void> {
  let report: string;
  try {
    report = textOf(await connection.send(undefined, ['INFO', 'server']));
  } catch (error) {
    // A user who may not ask may still use the rest.
    if (/^NOPERM\b/.test((error as Error).message)) return;
    throw error;
  }
  const [, version, major] = /^redis_version:((\d+)\S*)/m.exec(report) ?? [];
  if (major === undefined || Number(major) >= oldestMajor) return;
  throw new StorageUnavailableError(
    `Redis ${version} is too old: redisBackend needs Redis ${oldestMajor} or newer, or Valkey. Update the server.`,
    { backend: BACKEND },
  );
}
