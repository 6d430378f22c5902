import { withTimeout } from '../async/withTimeout.js';
import { applyDeadline } from '../credentials/applyDeadline.js';
import type { Credentials } from '../credentials/Credentials.js';
import { tolerableSkew } from '../credentials/fromTokenResponse.js';
import { handOut, parseMembers } from '../credentials/parseCredentials.js';
import { secretsOf } from '../credentials/secretsOf.js';
import { InvalidCredentialsError } from '../errors/InvalidCredentialsError.js';
import { TimeoutError } from '../errors/TimeoutError.js';
import { throwTokenError } from '../errors/throwTokenError.js';
import type { StoredRecord } from '../record/StoredRecord.js';
import type { EntryState } from '../state/model.js';
import { classifyFailure } from './classifyFailure.js';

/**
 * How much longer to wait where the host slept through the time, in milliseconds: timers fire first when it wakes,
 * and the answer that has come meanwhile may hold the only live tokens.
 */
const grace = 1000;

/**
 * Calls the `refresh` callback, bounded, and checks its answer. An odd lifetime in it counts as omitted and is told
 * to `onError`. An answer that comes too late is given to `onLate`.
 *
 * @throws {RefreshRejectedError | RefreshFailedError | TimeoutError}
 */
export async function askForTokens(
  state: EntryState,
  record: StoredRecord,
  onLate: (answer: Promise<Credentials>) => void,
): Promise<Credentials> {
  const { store, key } = state;
  const { refresh, refreshTimeout, rejectedCodes } = store.options;
  const controller = new AbortController();
  const askedAt = store.clock.now();
  const report = ({ message, member }: InvalidCredentialsError): void =>
    store.users.report(new InvalidCredentialsError(message, { member, key }));
  let answer: unknown;
  const ask = async (): Promise<Credentials> => {
    answer = await refresh!(handOut(record.credentials), { key, signal: controller.signal });
    throwTokenError(answer, rejectedCodes);
    const credentials = parseMembers(answer, report);
    if (!credentials.access_token) {
      throw new InvalidCredentialsError(
        'access_token: expected a string in the answer of the refresh callback.',
      );
    }
    const skew = Math.abs(store.clock.now() - (credentials.issued_at?.getTime() ?? -Infinity));
    if (skew > tolerableSkew) credentials.issued_at = new Date(askedAt);
    if (credentials.expires_in === undefined) applyDeadline(credentials, askedAt);
    // With another time of issue, a lifetime may end beyond the range of Date.
    return parseMembers(credentials, report);
  };
  const asking = ask().catch(async (error: unknown) => {
    const failed = { key, secrets: secretsOf(record.credentials), rejectedCodes, now: store.clock.now() };
    throw await classifyFailure(error, answer, failed);
  });
  const asked = Date.now();
  const late = new TimeoutError(
    `The refresh callback did not answer within ${refreshTimeout} ms (option "refreshTimeout").`,
    { key },
  );
  const giveUp = (): Error => {
    controller.abort(late);
    onLate(asking);
    return late;
  };
  const overslept = new Error();
  const isOverslept = (): boolean => Date.now() - asked > refreshTimeout + grace;
  return withTimeout(asking, refreshTimeout, () => (isOverslept() ? overslept : giveUp())).catch(
    (error: unknown) => {
      if (error !== overslept) throw error;
      return withTimeout(asking, grace, giveUp);
    },
  );
}
