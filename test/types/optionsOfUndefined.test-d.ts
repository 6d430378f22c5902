/** Under `exactOptionalPropertyTypes`, an option that is computed may be `undefined`: it counts as left out. */
import { expiryOf, fromTokenResponse } from '../../src/index.js';
import { indexedDBBackend } from '../../src/storage/indexeddb.js';
import { localStorageBackend } from '../../src/storage/local-storage.js';
import { fakeClock } from '../../src/testing/index.js';

expiryOf(undefined, { now: undefined, leeway: undefined, unknownExpiry: undefined, mark: undefined });
fromTokenResponse({ access_token: 'a' }, { issuedAt: undefined });
indexedDBBackend({ database: undefined });
localStorageBackend({ area: undefined });
fakeClock({ now: undefined });
