import { describe, expect, test } from 'vitest';
import { createCredentialStore, type StorageBackend } from '../../src/index.js';
import { bareBackend, deferred, tokens, turns, waitFor } from './support.js';

const now = Date.now();

/** Two contexts on one storage, whose answers can be held back after they took effect, and which hint. */
function twoContexts() {
  const inner = bareBackend();
  const listeners = new Set<(key: string | undefined) => void>();
  const held: { write: Promise<void> | undefined; read: Promise<void> | undefined } = {
    write: undefined,
    read: undefined,
  };
  const backend = (isHeld: boolean): StorageBackend => ({
    ...inner,
    async get(key) {
      const text = inner.get(key);
      if (isHeld) await held.read;
      return text;
    },
    async compareAndSet(key, expected, next) {
      const changed = inner.compareAndSet(key, expected, next);
      for (const listener of listeners) listener(key);
      if (isHeld && next !== undefined) await held.write;
      return changed;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  });
  return { inner, held, backend };
}

describe('what overlaps ends with what is stored', () => {
  test('a write that is acknowledged late does not hide a newer one of another context', async () => {
    const { backend, held } = twoContexts();
    const ours = createCredentialStore({ storage: backend(true) }).entry();
    const theirs = createCredentialStore({ storage: backend(false) }).entry();
    await ours.set(tokens('first', now));
    const seen: unknown[] = [];
    ours.credentials.subscribe((credentials) => seen.push(credentials?.['name']));
    await turns();
    const gate = deferred();
    held.write = gate.promise;
    const written = ours.set(tokens('a', now, { name: 'a' }));
    await turns();
    await theirs.set(tokens('b', now, { name: 'b' }));
    await turns();
    gate.resolve();
    await written;
    await turns();
    expect(ours.credentials.value?.['name']).toBe('b');
    expect(seen.lastIndexOf('a')).toBeLessThan(seen.indexOf('b'));
  });

  test('nor does it where the read of the newer one ends after the acknowledgement', async () => {
    const { backend, held } = twoContexts();
    const ours = createCredentialStore({ storage: backend(true) }).entry();
    const theirs = createCredentialStore({ storage: backend(false) }).entry();
    await ours.set(tokens('first', now));
    ours.credentials.subscribe(() => {});
    await turns();
    const [acknowledged, read] = [deferred(), deferred()];
    held.write = acknowledged.promise;
    const written = ours.set(tokens('a', now, { name: 'a' }));
    await turns();
    held.read = read.promise;
    await theirs.set(tokens('b', now, { name: 'b' }));
    acknowledged.resolve();
    await turns();
    read.resolve();
    held.read = undefined;
    await written;
    await waitFor(() => ours.credentials.value?.['name'] === 'b', 'the newer record');
  });

  test('a commit that is acknowledged late shows nothing more of a session that was deleted meanwhile', async () => {
    const { inner, backend, held } = twoContexts();
    const store = createCredentialStore({ storage: backend(true), refresh: async () => tokens('new', now) });
    const entry = store.entry();
    await entry.set(tokens('first', now));
    const seen: string[] = [];
    entry.expiry.subscribe(({ status }) => seen.push(status));
    await turns();
    const gate = deferred();
    held.write = gate.promise;
    const refreshed = entry.refresh().catch(() => {});
    await turns();
    const other = createCredentialStore({ storage: backend(false) }).entry();
    await other.delete();
    await turns();
    gate.resolve();
    await refreshed;
    await turns();
    expect(inner.values.size).toBe(0);
    expect(entry.expiry.value.status).toBe('absent');
    expect(seen.lastIndexOf('fresh')).toBeLessThan(seen.indexOf('absent'));
  });

  test('a refresh of another store that fails does not keep an entry from its first read', async () => {
    const storage = { ...bareBackend() };
    const later = { ...storage, get: async (key: string) => storage.get(key) };
    const refresh = async (): Promise<never> => {
      throw new Error('offline');
    };
    const [failing, reading] = [
      createCredentialStore({ storage: later, refresh, onError: () => {} }).entry(),
      createCredentialStore({ storage: later }).entry(),
    ];
    await failing.set(tokens('first', now));
    const other = createCredentialStore({ storage: later }).entry();
    await failing.refresh().catch(() => {});
    await waitFor(() => other.expiry.value.status === 'fresh', 'the first read');
    expect((await reading.get())?.access_token).toContain('first');
  });
});
