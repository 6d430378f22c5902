import { State, User, UserManager } from 'oidc-client-ts';
import { describe, expect, test } from 'vitest';
import { oidcStateStore } from '../../src/bridges/oidc-client-ts.js';
import { memoryBackend } from '../../src/storage/memory.js';
import { createCredentialStore } from '../../src/createCredentialStore.js';

const settings = {
  authority: 'https://issuer.example',
  client_id: 'client',
  redirect_uri: 'https://app.example',
};

// A whole sign-in, in a browser, is in playwright/oidc-client-ts.spec.ts.
describe('oidcStateStore', () => {
  test("keeps UserManager's users for the next one", async () => {
    const backend = memoryBackend();
    const open = () =>
      new UserManager({
        ...settings,
        userStore: oidcStateStore(backend),
        stateStore: oidcStateStore(backend),
      });
    const user = new User({
      access_token: 'the access token',
      token_type: 'Bearer',
      profile: { sub: 'ada', iss: settings.authority, aud: 'client', exp: 1, iat: 1 },
    });
    await open().storeUser(user);
    expect(await open().getUser()).toMatchObject({
      access_token: 'the access token',
      profile: { sub: 'ada' },
    });
    await open().removeUser();
    expect(await open().getUser()).toBeNull();
  });

  test('gives what it removes to one caller only', async () => {
    const store = oidcStateStore(memoryBackend());
    await store.set('state', 'the answer');
    const taken = await Promise.all([store.remove('state'), store.remove('state'), store.remove('state')]);
    expect(taken.filter((text) => text !== null)).toEqual(['the answer']);
    expect([await store.get('state'), await store.getAllKeys()]).toEqual([null, []]);
  });

  test('has what is stale of it cleared, and nothing else', async () => {
    const backend = memoryBackend();
    const store = oidcStateStore(backend);
    await createCredentialStore({ storage: backend }).entry().set({ access_token: 'ours' });
    await store.set('damaged', 'no JSON');
    await store.set('old', new State({ created: 1 }).toStorageString());
    await store.set('new', new State({}).toStorageString());
    await State.clearStaleState(store, 60);
    expect(await store.getAllKeys()).toEqual(['new']);
    expect(await createCredentialStore({ storage: backend }).entry().get()).toEqual({ access_token: 'ours' });
  });

  test('refuses what is no backend', () => {
    // @ts-expect-error: nor is a Map.
    expect(() => oidcStateStore(new Map())).toThrow('compareAndSet');
  });
});
