const { createCredentialStore, memoryBackend } = require('shelflife');
const { fileBackend } = require('shelflife/file');
const { indexedDBBackend } = require('shelflife/indexeddb');
const { localStorageBackend } = require('shelflife/local-storage');
const { fakeClock } = require('shelflife/testing');

test('a token turns', async () => {
  const clock = fakeClock();
  const store = createCredentialStore({ storage: memoryBackend(), clock });
  const session = store.entry();
  await session.set({ access_token: 'a', issued_at: new Date(clock.now()), expires_in: 3600 });
  const seen = [];
  session.expiry.subscribe(({ status }) => seen.push(status));
  await clock.advance(3600_000);
  expect(seen).toEqual(['fresh', 'expiring', 'expired']);
  await store.close();
});

test('the backends can be required', () => {
  for (const backend of [indexedDBBackend(), localStorageBackend(), fileBackend({ app: 'a' })])
    expect(typeof backend.compareAndSet).toBe('function');
});
