import {
  CredentialsExpiredError,
  InvalidCredentialsError,
  isShelflifeError,
  NoCredentialsError,
  RefreshFailedError,
  RefreshRejectedError,
  ShelflifeError,
} from '../../src/index.js';
import { type Equals, expectType, holds } from './expectType.js';

// A union narrows by code and by name.
declare const error: CredentialsExpiredError | InvalidCredentialsError | NoCredentialsError;
if (error.code === 'ERR_INVALID_CREDENTIALS') {
  expectType<InvalidCredentialsError>(error);
  expectType<string | undefined>(error.member);
} else if (error.name === 'NoCredentialsError') {
  expectType<NoCredentialsError>(error);
} else {
  expectType<CredentialsExpiredError>(error);
}

// A guard tells what is unknown.
declare const thrown: unknown;
// @ts-expect-error nothing is known of it yet
void thrown.code;
if (isShelflifeError(thrown)) {
  expectType<ShelflifeError>(thrown);
  expectType<string>(thrown.code);
  expectType<boolean>(thrown.retryable);
  expectType<string | undefined>(thrown.key);
  expectType<string | undefined>(thrown.backend);
  // Only a summary of the cause is kept.
  expectType<string | undefined>(thrown.cause?.message);
  expectType<Error>(thrown);
}
if (thrown instanceof RefreshFailedError) {
  expectType<number | undefined>(thrown.retryAfter);
  holds<Equals<typeof thrown.code, 'ERR_REFRESH_FAILED'>>();
}

// What a refresh callback throws.
void new RefreshRejectedError();
void new RefreshRejectedError('revoked', { cause: thrown });
void new RefreshFailedError('busy', { cause: thrown, retryAfter: 30 });
// @ts-expect-error seconds are a number
void new RefreshFailedError('busy', { retryAfter: '30' });
// @ts-expect-error it has no time to wait
void new RefreshRejectedError('revoked', { retryAfter: 30 });

const rejected = new RefreshRejectedError();
// @ts-expect-error a code is stable
rejected.code = 'ERR_OTHER';
