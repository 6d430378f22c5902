import {
  createCredentialStore,
  type CredentialEntry,
  type Credentials,
  type CredentialsInput,
  type CredentialStore,
  type CredentialStoreOptions,
  type ShelflifeError,
  type StorageBackend,
} from '../../src/index.js';
import { fakeClock, type FakeClock } from '../../src/testing/index.js';
import { leasedBackend } from '../store/support.js';

export type Answer = (
  credentials: Credentials,
  context: { readonly key: string; readonly signal: AbortSignal },
) => Promise<CredentialsInput>;

export interface Bench {
  readonly clock: FakeClock;
  readonly storage: StorageBackend;
  readonly store: CredentialStore;
  readonly entry: CredentialEntry;
  /** The refresh tokens the callback was asked with, in order. */
  readonly asked: (string | null | undefined)[];
  readonly errors: ShelflifeError[];
}

/** A store on a backend with a lease, which counts what its `refresh` callback is asked. */
export function bench(
  answer: Answer,
  options: Partial<CredentialStoreOptions> & { readonly clock?: FakeClock } = {},
): Bench {
  const clock = options.clock ?? fakeClock();
  const storage = options.storage ?? leasedBackend();
  const asked: (string | null | undefined)[] = [];
  const errors: ShelflifeError[] = [];
  const store = createCredentialStore({
    onError: (error) => errors.push(error),
    ...options,
    storage,
    clock,
    refresh: (credentials, context) => {
      asked.push(credentials.refresh_token);
      return answer(credentials, context);
    },
  });
  return { clock, storage, store, entry: store.entry(), asked, errors };
}

/** What an authorization server answers where it won't refresh. */
export const invalidGrant = (): Error => Object.assign(new Error('refused'), { error: 'invalid_grant' });
