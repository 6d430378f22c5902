import { createCredentialStore, memoryBackend } from '../../src/index.js';

// Under `exactOptionalPropertyTypes`, too, an option may be `undefined`: configurations are put together that way.
const entry = createCredentialStore({
  storage: memoryBackend(),
  refresh: undefined,
  autoRefresh: undefined,
  leeway: undefined,
  unknownExpiry: undefined,
  codec: undefined,
  namespace: undefined,
  clock: undefined,
  timeout: undefined,
  refreshTimeout: undefined,
  onError: undefined,
}).entry(undefined);
entry.timeLeft({ every: undefined });
void entry.refresh({ signal: undefined });
void entry.getAccessToken({ signal: undefined });
void entry.until('fresh', { signal: undefined });
