import { createCredentialStore } from 'shelflife';
import { indexedDBBackend } from 'shelflife/indexeddb';

let url;
const store = createCredentialStore({
  storage: indexedDBBackend(),
  leeway: 0,
  refresh: async () => {
    const issued_at = new Date();
    return { ...(await (await fetch(url, { method: 'POST' })).json()), issued_at };
  },
});
const entry = store.entry();

globalThis.signIn = ({ expiresAt }) =>
  entry.set({
    access_token: 'old',
    refresh_token: 'first',
    issued_at: new Date(expiresAt - 3_600_000),
    expires_in: 3600,
  });

globalThis.measure = async (settings) => {
  ({ url } = settings);
  const hear = async () => {
    const stored = await entry.get();
    if (stored?.access_token?.startsWith('access-')) globalThis.heardAt ??= Date.now();
  };
  entry.expiry.subscribe(({ status }) => {
    if (status === 'fresh') void hear();
  });
};
