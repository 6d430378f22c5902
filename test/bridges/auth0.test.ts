import { describe, expect, test } from 'vitest';
import { auth0Cache } from '../../src/bridges/auth0.js';
import { memoryBackend } from '../../src/storage/memory.js';
import { createCredentialStore } from '../../src/createCredentialStore.js';

const entry = { body: { access_token: 'the access token', refresh_token: 'first' }, expiresAt: 1 };
const key = '@@auth0spajs@@::client::audience::openid profile';

// The library itself, in a browser, is in playwright/auth0.spec.ts.
describe('auth0Cache', () => {
  test('gives each reader a copy of its own, and keeps none of what it was given', async () => {
    const cache = auth0Cache(memoryBackend());
    const given = structuredClone(entry);
    await cache.set(key, given);
    given.body.refresh_token = 'changed by the writer';
    const read = await cache.get<typeof entry>(key);
    read!.body.refresh_token = 'changed by a reader';
    expect(await cache.get(key)).toEqual(entry);
  });

  test('lists and removes what is its own, in one object and in the next', async () => {
    const backend = memoryBackend();
    await createCredentialStore({ storage: backend }).entry().set({ access_token: 'ours' });
    await auth0Cache(backend).set(key, entry);
    const cache = auth0Cache(backend);
    expect(await cache.allKeys()).toEqual([key]);
    await cache.remove(key);
    expect([await cache.allKeys(), await cache.get(key)]).toEqual([[], undefined]);
    expect(await createCredentialStore({ storage: backend }).entry().get()).toEqual({ access_token: 'ours' });
  });

  test('takes a damaged item for a miss, as the library does, but not a failure', async () => {
    const backend = memoryBackend();
    const cache = auth0Cache(backend);
    await backend.compareAndSet(`auth0#item:${key}`, undefined, '{"body":');
    expect(await cache.get(key)).toBeUndefined();
    const failing = auth0Cache({ ...backend, get: () => Promise.reject(new Error('The database is gone')) });
    await expect(failing.get(key)).rejects.toThrow('The database is gone');
  });

  test('refuses what is no backend', () => {
    // @ts-expect-error: nor is a Map.
    expect(() => auth0Cache(new Map())).toThrow('compareAndSet');
  });
});
