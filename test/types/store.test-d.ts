import {
  type Clock,
  type Codec,
  createCredentialStore,
  type CredentialEntry,
  type CredentialStore,
  type CredentialStoreOptions,
  type Credentials,
  type Expiry,
  type ExpiryStatus,
  type Health,
  type Lease,
  memoryBackend,
  type ShelflifeError,
  type Signal,
  type StorageBackend,
} from '../../src/index.js';
import { fileBackend } from '../../src/storage/file.js';
import { indexedDBBackend } from '../../src/storage/indexeddb.js';
import { localStorageBackend, sessionStorageBackend } from '../../src/storage/local-storage.js';
import { fakeClock, type FakeClock, testBackend } from '../../src/testing/index.js';
import { type Equals, expectType, holds } from './expectType.js';

const storage = memoryBackend();
holds<Equals<typeof storage, StorageBackend>>();

// Only the storage is asked for.
const store = createCredentialStore({ storage });
expectType<CredentialStore>(store);

createCredentialStore({
  storage,
  refresh: async ({ refresh_token }, { key, signal }) => {
    expectType<string | null | undefined>(refresh_token);
    expectType<string>(key);
    expectType<AbortSignal>(signal);
    return { access_token: 'x', expires_in: '3600' };
  },
  autoRefresh: false,
  leeway: 30,
  unknownExpiry: 'trust',
  codec: { encode: JSON.stringify, decode: (text): unknown => JSON.parse(text) },
  namespace: 'mine',
  clock: fakeClock({ now: 0 }),
  timeout: 1000,
  refreshTimeout: 1000,
  rejectedCodes: ['invalid_code'] as const,
  onError: (error) => void expectType<ShelflifeError>(error),
});

interface TokenResponse {
  access_token: string;
  token_type: string;
}
declare function requestToken(signal: AbortSignal): Promise<TokenResponse>;
// A response typed by the caller is an answer.
createCredentialStore({ storage, refresh: (_, { signal }) => requestToken(signal) });

// @ts-expect-error persisting tokens is an explicit choice
createCredentialStore({});
// @ts-expect-error there is no default
createCredentialStore();
// @ts-expect-error a storage of the browser is no backend
createCredentialStore({ storage: localStorage });
// @ts-expect-error a refresh answers later
createCredentialStore({ storage, refresh: () => ({ access_token: 'x' }) });
// @ts-expect-error a refresh answers with credentials
createCredentialStore({ storage, refresh: async () => new Response() });
// @ts-expect-error a leeway is a number of seconds
createCredentialStore({ storage, leeway: '60' });
// @ts-expect-error there is no such option
createCredentialStore({ storage, ttl: 60 });
function changeOptions(options: CredentialStoreOptions): CredentialStoreOptions {
  // @ts-expect-error options are read only
  options.storage = storage;
  return options;
}
void changeOptions;

// An entry.
const entry = store.entry();
expectType<CredentialEntry>(entry);
expectType<CredentialEntry>(store.entry('tenant'));
void expectType<Promise<string[]>>(store.keys());
expectType<Signal<Health>>(store.health);
expectType<Signal<Credentials | undefined>>(entry.credentials);
expectType<Signal<Expiry>>(entry.expiry);
expectType<Signal<number | null>>(entry.timeLeft({ every: 100 }));
void expectType<Promise<string>>(entry.getAccessToken({ signal: new AbortController().signal }));
void expectType<Promise<Credentials>>(entry.refresh());
void expectType<Promise<void>>(entry.invalidate('x'));
void expectType<Promise<Expiry>>(entry.until('expired'));
void expectType<Promise<Expiry>>(
  entry.until(['expiring', 'expired'] as const, { signal: entry.expirySignal() }),
);
// @ts-expect-error no such status
void entry.until('gone');
// @ts-expect-error a key is a string
store.entry(1);
// @ts-expect-error what is handed out is not to be written to
entry.expiry.value.status = 'fresh';
// @ts-expect-error a signal is not to be written to
entry.expiry.value = await entry.until('fresh');

// A status is one of six.
const inWords: Record<ExpiryStatus, string> = {
  loading: 'not known yet',
  absent: 'none',
  queued: 'soon another',
  fresh: 'good',
  expiring: 'soon another',
  expired: 'bad',
};
expectType<string>(inWords[entry.expiry.value.status]);

// Three methods make a backend, synchronous or not.
const values = new Map<string, string>();
const threeMethods: StorageBackend = {
  name: 'map',
  scope: 'context',
  persistent: false,
  get: (key) => values.get(key),
  compareAndSet: async () => true,
  async *keys(prefix) {
    yield prefix;
  },
};
const withGetters: StorageBackend = {
  name: 'getters',
  get scope(): 'context' {
    return 'context';
  },
  get persistent() {
    return true;
  },
  get: async (key) => values.get(key),
  compareAndSet: () => false,
  keys: () => new Set(['a']),
  lease: async (): Promise<Lease> => ({ signal: new AbortController().signal, release: async () => {} }),
  subscribe: (listener) => {
    listener(undefined);
    return () => {};
  },
  close() {},
};
createCredentialStore({ storage: threeMethods });
createCredentialStore({ storage: withGetters });
declare const twoMethods: Omit<StorageBackend, 'compareAndSet'>;
// @ts-expect-error compareAndSet is one of the three
createCredentialStore({ storage: twoMethods });
// @ts-expect-error values are strings
const numbers: StorageBackend = { ...threeMethods, get: () => 1 };
void numbers;

// The backends of the package.
expectType<StorageBackend>(indexedDBBackend());
expectType<StorageBackend>(indexedDBBackend({ database: 'mine' }));
expectType<StorageBackend>(localStorageBackend());
expectType<StorageBackend>(localStorageBackend({ area: sessionStorage }));
expectType<StorageBackend>(sessionStorageBackend());
expectType<StorageBackend>(fileBackend({ app: 'mine' }));
expectType<StorageBackend>(fileBackend({ directory: '/tmp' }));
// @ts-expect-error one of the two is asked for
fileBackend({});
// @ts-expect-error and not both
fileBackend({ app: 'mine', directory: '/tmp' });

// Small types.
const clock: Clock = { now: () => 0, setTimeout: () => 1, clearTimeout: () => {} };
const codec: Codec = { encode: String, decode: (text) => text };
createCredentialStore({ storage, clock, codec });

// For tests.
expectType<FakeClock>(fakeClock());
void expectType<Promise<void>>(fakeClock().advance(1));
expectType<void>(fakeClock().jump(-1));
testBackend({ name: 'mine', create: () => threeMethods, test: (title, run) => void [title, run] });
testBackend({ name: 'mine', create: async () => threeMethods, test: (await import('vitest')).test });
testBackend({ name: 'mine', create: memoryBackend, test: (await import('node:test')).test });
// @ts-expect-error a clock is set to milliseconds
fakeClock({ now: new Date() });
