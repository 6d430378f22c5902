import { describe, expect, test } from 'vitest';
import { keyValueBackend, type KeyValueStore } from '../../src/bridges/key-value.js';
import { createCredentialStore } from '../../src/createCredentialStore.js';
import { testBackend } from '../../src/testing/index.js';
import { mapStore, synchronousStore } from './mapStore.js';

const credentials = { access_token: 'the access token', issued_at: new Date(), expires_in: 3600 };

testBackend({ name: 'key-value', create: () => keyValueBackend(mapStore()), test });
testBackend({
  name: 'key-value, answering at once',
  create: () => keyValueBackend(synchronousStore()),
  test,
});
testBackend({
  name: 'key-value, that can not list its keys',
  create() {
    const { getAllKeys: _getAllKeys, ...store } = mapStore();
    return keyValueBackend(store);
  },
  test,
});

describe('keyValueBackend', () => {
  test('says what it is', () => {
    expect(keyValueBackend(mapStore())).toMatchObject({
      name: 'key-value',
      scope: 'process',
      persistent: true,
    });
  });

  test.each([undefined, null, {}, { getItem() {}, setItem() {} }])(
    'refuses %j and says what is missing',
    (store) => {
      // @ts-expect-error: none of them is a store.
      expect(() => keyValueBackend(store)).toThrow(
        expect.objectContaining({ name: 'TypeError', message: expect.stringContaining('removeItem') }),
      );
    },
  );

  test('touches nothing before its first use, and leaves nothing of its probe behind', async () => {
    const items = new Map<string, string>();
    const backend = keyValueBackend(mapStore(items));
    expect(items.size).toBe(0);
    expect(await backend.get('key')).toBeUndefined();
    expect(items.size).toBe(0);
  });

  test('is read at once where the store answers at once, so nobody flashes as signed out', async () => {
    const items = new Map<string, string>();
    await createCredentialStore({ storage: keyValueBackend(synchronousStore(items)) })
      .entry()
      .set(credentials);
    const reloaded = createCredentialStore({ storage: keyValueBackend(synchronousStore(items)) });
    expect(reloaded.entry().expiry.value.status).toBe('fresh');
  });

  test('loses no increment of two backends on two objects that stand for one store', async () => {
    const items = new Map<string, string>();
    const backends = [keyValueBackend(mapStore(items)), keyValueBackend(mapStore(items))];
    await Promise.all(
      backends.map(async (backend, writer) => {
        for (let written = 0; written < 20;) {
          const value = await backend.get('count');
          const next = `${Number.parseInt(value ?? '0', 10) + 1} by ${writer}`;
          if (await backend.compareAndSet('count', value, next)) written += 1;
        }
      }),
    );
    expect(items.get('count')).toMatch(/^40 /);
  });

  test('shares its lease with other backends on the same object, and tells them of writes', async () => {
    const store = mapStore();
    const [one, other] = [keyValueBackend(store), keyValueBackend(store)];
    const { signal } = new AbortController();
    const lease = await one.lease?.('key', { signal });
    let granted = false;
    const waiting = other.lease?.('key', { signal }).then(() => (granted = true));
    const heard: unknown[] = [];
    const unsubscribe = other.subscribe?.((key) => heard.push(key));
    await one.compareAndSet('key', undefined, 'value');
    expect({ granted, heard }).toEqual({ granted: false, heard: ['key'] });
    await lease?.release();
    await waiting;
    unsubscribe?.();
    await one.compareAndSet('key', 'value', 'next');
    expect(heard).toEqual(['key']);
  });

  test('is signed out in one store as soon as it is in another', async () => {
    const store = mapStore();
    const [here, there] = [1, 2].map(() =>
      createCredentialStore({ storage: keyValueBackend(store) }).entry(),
    );
    await here!.set(credentials);
    await there!.until('fresh');
    const absent = there!.until('absent');
    await here!.delete();
    expect(await absent).toMatchObject({ status: 'absent' });
  });
});

describe('a store that can not be trusted', () => {
  const liars: Record<string, (items: Map<string, string>) => Partial<KeyValueStore>> = {
    'loses what it is given': () => ({ setItem: () => undefined }),
    'cuts strings off': (items) => ({ setItem: (key, value) => void items.set(key, value.slice(0, 20)) }),
    'parses JSON': (items) => ({ getItem: (key) => items.has(key) && JSON.parse(items.get(key)!) }),
    'writes JSON anew': (items) => ({
      setItem: (key, value) => void items.set(key, JSON.stringify(JSON.parse(value))),
    }),
    'normalises letters': (items) => ({
      setItem: (key, value) => void items.set(key, value.normalize('NFC')),
    }),
    'keeps what was removed': () => ({ removeItem: () => undefined }),
  };

  test.each(Object.entries(liars))(
    'that %s is refused at the first use, by reads and writes',
    async (_lie, lie) => {
      const items = new Map<string, string>();
      const backend = keyValueBackend({ ...synchronousStore(items), ...lie(items) });
      const refused = { name: 'StorageUnavailableError', backend: 'key-value' };
      const read = async () => backend.get('key');
      await expect(read()).rejects.toMatchObject(refused);
      await expect(backend.compareAndSet('key', undefined, 'value')).rejects.toMatchObject(refused);
      expect(items.has('key')).toBe(false);
    },
  );

  test('that fails once is tried again, and a failure is never absence', async () => {
    const store = mapStore();
    let isLocked = true;
    const backend = keyValueBackend({
      ...store,
      getItem: (key) => (isLocked ? Promise.reject(new Error('The device is locked')) : store.getItem(key)),
    });
    await expect(backend.get('key')).rejects.toMatchObject({
      name: 'StorageUnavailableError',
      message: expect.stringContaining('The device is locked'),
    });
    isLocked = false;
    expect(await backend.get('key')).toBeUndefined();
    isLocked = true;
    await expect(backend.get('key')).rejects.toMatchObject({ name: 'StorageUnavailableError' });
  });

  test('whose list of keys is damaged says how to mend it, and shows nothing of it', async () => {
    const items = new Map([['shelflife#index:', 'damaged: the access token']]);
    await expect(keyValueBackend(synchronousStore(items)).keys('')).rejects.toMatchObject({
      name: 'CorruptRecordError',
      message: expect.not.stringContaining('the access token'),
    });
  });
});
