import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { DecryptionError, encryptedBackend, KeyUnavailableError } from '../../src/encrypted/index.js';
import {
  createCredentialStore,
  isShelflifeError,
  memoryBackend,
  RefreshRejectedError,
  ShelflifeError,
} from '../../src/index.js';
import { bareBackend } from '../store/support.js';
import { failureOf, keyOf, put, snapshot, stored } from './support.js';

const tokens = { access_token: 'access-token-secret', refresh_token: 'refresh-token-secret' };

describe('a store on an encrypted backend', () => {
  test('keeps credentials through a restart, and nothing of them in plain text', async () => {
    const inner = memoryBackend();
    const open = () => createCredentialStore({ storage: encryptedBackend(inner, { keys: keyOf(1) }) });
    await open()
      .entry()
      .set({ ...tokens, issued_at: new Date(0), expires_in: null });
    expect(await open().entry().get()).toEqual({ ...tokens, issued_at: new Date(0), expires_in: null });
    expect(await open().keys()).toEqual(['default']);
    expect(JSON.stringify(await snapshot(inner))).not.toContain('secret');
  });

  test('encrypts what it keeps beside the record: rejections, and damaged copies', async () => {
    const inner = bareBackend();
    const storage = encryptedBackend(inner, { keys: keyOf(1) });
    const refresh = (): never => {
      throw new RefreshRejectedError('the server says no');
    };
    const session = createCredentialStore({ storage, refresh, autoRefresh: false }).entry();
    await session.set({ ...tokens, issued_at: new Date(0), expires_in: 1 });
    expect(await failureOf(() => session.getAccessToken())).toMatchObject({ code: 'ERR_REFRESH_REJECTED' });
    const damaged = createCredentialStore({ storage }).entry('damaged');
    await put(storage, 'shelflife:damaged', '{"half":"of a secret');
    await damaged.set(tokens);
    const all = await snapshot(inner);
    expect(Object.keys(all).toSorted()).toEqual([
      'shelflife#damaged:damaged',
      'shelflife#rejection:default',
      'shelflife:damaged',
      'shelflife:default',
    ]);
    for (const text of Object.values(all)) expect(text).toMatch(/^eyJ[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/);
    expect(await storage.get('shelflife#damaged:damaged')).toBe('{"half":"of a secret');
    expect(await storage.get('shelflife#rejection:default')).toContain('the server says no');
  });

  test('never overwrites or deletes what it can not decrypt, and says why', async () => {
    const inner = memoryBackend();
    await createCredentialStore({ storage: encryptedBackend(inner, { keys: keyOf(1) }) })
      .entry()
      .set(tokens);
    const before = await snapshot(inner);
    const store = createCredentialStore({
      storage: encryptedBackend(inner, { keys: keyOf(2) }),
      refresh: async () => expect.fail('asked'),
    });
    const session = store.entry();
    for (const call of [
      () => session.get(),
      () => session.set({ access_token: 'other' }),
      () => session.update(() => ({ access_token: 'other' })),
      () => session.refresh(),
      () => session.getAccessToken(),
      () => session.delete(),
    ]) {
      const error = await failureOf(call);
      expect(error).toBeInstanceOf(DecryptionError);
      expect(error).toBeInstanceOf(ShelflifeError);
      expect(error).toMatchObject({ name: 'DecryptionError', key: 'default', backend: 'encrypted memory' });
      expect(inspect(error, { depth: 9 })).not.toMatch(/secret|eyJ/);
    }
    expect(store.health.value).toMatchObject({ status: 'failed', error: { code: 'ERR_DECRYPTION' } });
    expect(session.expiry.value.status).toBe('loading');
    expect(await snapshot(inner)).toEqual(before);
  });

  test('has a record whose key is lost deleted through a store on the inner backend', async () => {
    const inner = memoryBackend();
    const lost = createCredentialStore({ storage: encryptedBackend(inner, { keys: keyOf(1) }) });
    await lost.entry().set(tokens);
    await createCredentialStore({ storage: inner }).entry().delete();
    const session = createCredentialStore({ storage: encryptedBackend(inner, { keys: keyOf(2) }) }).entry();
    expect(await session.get()).toBeUndefined();
    await session.set(tokens);
    expect(await session.get()).toEqual(tokens);
  });

  test('tells whether a key that can not be had is worth another try', async () => {
    const inner = memoryBackend();
    await createCredentialStore({ storage: encryptedBackend(inner, { keys: keyOf(1) }) })
      .entry()
      .set(tokens);
    let isLocked = true;
    const open = () => (isLocked ? Promise.reject(new Error('locked')) : keyOf(1).open());
    const session = createCredentialStore({
      storage: encryptedBackend(inner, { keys: { name: 'vault', open } }),
    }).entry();
    const error = await failureOf(() => session.get());
    expect(error).toBeInstanceOf(KeyUnavailableError);
    expect(isShelflifeError(error) && error.retryable).toBe(true);
    isLocked = false;
    expect(await session.get()).toEqual(tokens);
  });

  test('hears of what another store writes, and refreshes once', async () => {
    const inner = memoryBackend();
    let asked = 0;
    const open = () =>
      createCredentialStore({
        storage: encryptedBackend(inner, { keys: keyOf(1) }),
        refresh: async () => ({ access_token: `new ${(asked += 1)}`, refresh_token: 'r2', expires_in: 3600 }),
      }).entry();
    const [one, other] = [open(), open()];
    await one.set({ ...tokens, issued_at: new Date(0), expires_in: 1 });
    expect(await Promise.all([one.getAccessToken(), other.getAccessToken()])).toEqual(['new 1', 'new 1']);
    expect(asked).toBe(1);
  });

  test('reads what was tampered with as an error that holds nothing of it', async () => {
    const inner = memoryBackend();
    const storage = encryptedBackend(inner, { keys: keyOf(1) });
    const session = createCredentialStore({ storage }).entry();
    await session.set(tokens);
    const whole = await stored(inner, 'shelflife:default');
    await put(inner, 'shelflife:default', `${whole.slice(0, -3)}AAA`);
    const error = await failureOf(() => session.get());
    expect(error).toBeInstanceOf(DecryptionError);
    expect(inspect(error, { depth: 9 })).not.toContain(whole.slice(0, 20));
  });
});
