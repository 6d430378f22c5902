import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { createCredentialStore, memoryBackend } from '../../src/index.js';
import { turns } from './support.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

test('an entry that was observed is the same after close() too, and shows what it showed last', async () => {
  const store = createCredentialStore({ storage: memoryBackend() });
  // In a function of its own, so that nothing of it holds the entry.
  await (async () => {
    await store.entry().set({ access_token: 'access', expires_in: null });
    store.entry().expiry.subscribe(() => {});
  })();
  await store.close();
  for (let time = 0; time < 5; time += 1) {
    await turns(5);
    collectGarbage();
  }
  expect(store.entry().expiry.value.status).toBe('fresh');
});

test('an entry that is held is the same after close() too', async () => {
  const store = createCredentialStore({ storage: memoryBackend() });
  const entry = store.entry('held');
  await store.close();
  collectGarbage();
  expect(store.entry('held')).toBe(entry);
});
