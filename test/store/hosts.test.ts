import { describe, expect, test, vi } from 'vitest';
import { createCredentialStore } from '../../src/index.js';
import { bareBackend, onlyKey, tokens } from './support.js';

describe('a host as React Native is', () => {
  for (const [title, crypto] of [
    ['without `crypto`', undefined],
    ['without `crypto.getRandomValues`', {}],
  ] as const) {
    test(`${title}: no stored value repeats`, async () => {
      vi.stubGlobal('crypto', crypto);
      const storage = bareBackend();
      const entry = createCredentialStore({ storage }).entry();
      const seen = new Set<string | undefined>();
      for (let time = 0; time < 200; time += 1) {
        await entry.set(tokens('one', 1_000_000_000_000 * 1.7));
        seen.add(storage.values.get(onlyKey(storage.values)));
      }
      expect(seen.size).toBe(200);
    });
  }

  test('without `WeakRef`: entries are held', async () => {
    vi.stubGlobal('WeakRef', undefined);
    const store = createCredentialStore({ storage: bareBackend() });
    const entry = store.entry();
    await entry.set({ access_token: 'access', expires_in: null });
    expect(store.entry()).toBe(entry);
    expect(await store.entry().getAccessToken()).toBe('access');
    await store.close();
    expect(store.entry()).toBe(entry);
  });
});
