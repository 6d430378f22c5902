import { parseMembers } from '../credentials/parseCredentials.js';
import { handOut } from '../credentials/parseCredentials.js';
import { InvalidCredentialsError } from '../errors/InvalidCredentialsError.js';
import { TimeoutError } from '../errors/TimeoutError.js';
import type { EntryState } from '../store/EntryState.js';
import type { StoredRecord } from '../store/StoredRecord.js';
import { withTimeout } from '../store/withTimeout.js';
import { secretsOf } from '../store/secretsOf.js';
import { classifyFailure } from './classifyFailure.js';
import type { TokenAnswer } from './mergeTokenResponse.js';
import { throwTokenError } from './throwTokenError.js';

/**
 * Calls the `refresh` callback, bounded, and checks its answer. An odd lifetime in it counts as omitted and is told
 * to `onError`. An answer that comes too late is given to `onLateAnswer`.
 *
 * @throws {RefreshRejectedError | RefreshFailedError | TimeoutError}
 */
export async function askForTokens(
  state: EntryState,
  record: StoredRecord,
  onLateAnswer: (answer: TokenAnswer) => void,
): Promise<TokenAnswer> {
  const { store, key } = state;
  const { refresh, refreshTimeout } = store.options;
  const controller = new AbortController();
  const askedAt = store.clock.now();
  const secrets = secretsOf(record.credentials);

  const ask = async (): Promise<TokenAnswer> => {
    const answer: unknown = await refresh!(handOut(record.credentials), { key, signal: controller.signal });
    throwTokenError(answer);
    const credentials = parseMembers(answer, (error) => store.report(error));
    if (!credentials.access_token) {
      throw new InvalidCredentialsError(
        'access_token: expected a string in the answer of the refresh callback.',
        { member: 'access_token' },
      );
    }
    return { credentials, askedAt, answeredAt: store.clock.now() };
  };
  const asking = ask();
  try {
    return await withTimeout(asking, refreshTimeout, () => {
      const message = `The refresh callback did not answer within ${refreshTimeout} ms. Try again, or raise the option "refreshTimeout".`;
      const error = new TimeoutError(message, { key });
      controller.abort(error);
      asking.then(onLateAnswer, () => {});
      return error;
    });
  } catch (error) {
    throw classifyFailure(error, key, secrets);
  }
}
