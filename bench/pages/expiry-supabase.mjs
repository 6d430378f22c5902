import { AuthClient } from '@supabase/auth-js';

const storageKey = 'supabase';

globalThis.signIn = ({ expiresAt }) => {
  const session = {
    access_token: `e30.${btoa(JSON.stringify({ exp: Math.floor(expiresAt / 1000) }))}.e30`,
    refresh_token: 'first',
    token_type: 'bearer',
    expires_in: 3600,
    expires_at: Math.floor(expiresAt / 1000),
    user: { id: 'user' },
  };
  localStorage.setItem(storageKey, JSON.stringify(session));
};

globalThis.measure = ({ url }) => {
  const client = new AuthClient({ url, storageKey, autoRefreshToken: true, persistSession: true });
  client.onAuthStateChange((_event, session) => {
    if (session?.access_token.startsWith('access-')) globalThis.heardAt ??= Date.now();
  });
};
