import { createCredentialStore } from 'shelflife';
import { asyncStorageBackend } from './asyncStorageBackend.js';

export const session = createCredentialStore({
  storage: asyncStorageBackend,
  refresh: async ({ refresh_token }) => ({
    access_token: `new for ${refresh_token}`,
    refresh_token: 'r2',
    expires_in: 3600,
  }),
}).entry();
