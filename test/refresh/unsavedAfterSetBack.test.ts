import { expect, test } from 'vitest';
import { createCredentialStore, memoryBackend, type StorageBackend } from '../../src/index.js';
import { fakeClock } from '../../src/testing/index.js';

test('a clock set back never lengthens the wait for the write of refreshed credentials', async () => {
  const clock = fakeClock();
  const memory = memoryBackend();
  let isBroken = false;
  const storage: StorageBackend = {
    ...memory,
    compareAndSet(key, expected, next) {
      if (isBroken) throw new Error('disk full');
      return memory.compareAndSet(key, expected, next);
    },
  };
  const refresh = async () => ({ access_token: 'new', refresh_token: 'r2', expires_in: 864_000 });
  const entry = createCredentialStore({ storage, clock, refresh, onError: () => {} }).entry();
  await entry.set({ access_token: 'old', refresh_token: 'r1', issued_at: new Date(0), expires_in: 60 });
  isBroken = true;
  await expect(entry.refresh()).rejects.toThrow('disk full');
  clock.jump(-86_400_000);
  isBroken = false;
  await clock.advance(130_000);
  const reader = createCredentialStore({ storage: { ...memory }, clock }).entry();
  expect((await reader.get())?.access_token).toBe('new');
});
