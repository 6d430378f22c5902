/* oxlint-disable typescript/unbound-method -- that methods can be passed around unbound is what is tested */
/* oxlint-disable typescript/no-unsafe-type-assertion -- what types forbid is handed in here */
import { describe, expect, test } from 'vitest';
import { createCredentialStore, memoryBackend } from '../../src/index.js';
import { bareBackend, turns } from './support.js';

const awkward = [
  '',
  'default',
  'a',
  'A',
  'a:b',
  'b:c',
  'a:b:c',
  ':',
  '::',
  '#',
  '#damaged:a',
  '#rejection:a',
  'a#damaged:b',
  '%3A',
  'a%3Ab',
  '%',
  '%25',
  '../x',
  '..',
  '.',
  'a/b',
  'a\\b',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  '👩‍🚀',
  'é'.normalize('NFC'),
  'é'.normalize('NFD'),
  ' ',
  ' a',
  'a ',
  '\0',
  '\n',
  'x'.repeat(300),
  'x'.repeat(301),
  '*',
  "'()!~",
];

test('no pair of namespace and key collides with another', async () => {
  const storage = bareBackend();
  const names = [...awkward.slice(0, 17), 'shelflife'];
  const stores = names.map((namespace) => createCredentialStore({ storage, namespace }));
  for (const [n, store] of stores.entries()) {
    for (const key of awkward) await store.entry(key).set({ access_token: `${n} ${key}` });
  }
  expect(storage.values.size).toBe(names.length * awkward.length);
  for (const [n, store] of stores.entries()) {
    for (const key of awkward) expect(await store.entry(key).get()).toEqual({ access_token: `${n} ${key}` });
    expect((await store.keys()).toSorted()).toEqual(awkward.toSorted());
  }
});

test('`a` + `b:c` is another entry than `a:b` + `c`', async () => {
  const storage = memoryBackend();
  const left = createCredentialStore({ storage, namespace: 'a' });
  const right = createCredentialStore({ storage, namespace: 'a:b' });
  await left.entry('b:c').set({ access_token: 'left' });
  expect(await right.entry('c').get()).toBeUndefined();
  await right.entry('c').set({ access_token: 'right' });
  expect(await left.entry('b:c').get()).toEqual({ access_token: 'left' });
});

describe('clear()', () => {
  test('removes everything of its namespace and touches no other, whatever their names', async () => {
    const storage = bareBackend();
    storage.values.set('somebody else', 'theirs');
    const names = ['a', 'a:b', 'a%3Ab', 'a#damaged:', 'A', '', 'aa', 'a '];
    for (const cleared of names) {
      for (const namespace of names) {
        const store = createCredentialStore({ storage, namespace });
        for (const key of ['', 'k', 'b:k', '#x'])
          await store.entry(key).set({ access_token: `${namespace}/${key}` });
      }
      await createCredentialStore({ storage, namespace: cleared }).clear();
      for (const namespace of names) {
        const keys = await createCredentialStore({ storage, namespace }).keys();
        expect(keys).toHaveLength(namespace === cleared ? 0 : 4);
      }
    }
    expect(storage.values.get('somebody else')).toBe('theirs');
  });

  test('tells observers `absent`, once', async () => {
    const store = createCredentialStore({ storage: memoryBackend() });
    const entry = store.entry('k');
    await entry.set({ access_token: 'a', expires_in: null });
    const statuses: string[] = [];
    entry.expiry.subscribe(({ status }) => statuses.push(status));
    await store.clear();
    await turns();
    expect(statuses).toEqual(['fresh', 'absent']);
  });

  test('removes damaged records, what is kept aside of them, and remembered rejections', async () => {
    const storage = bareBackend();
    const store = createCredentialStore({
      storage,
      refresh: () => Promise.reject(Object.assign(new Error('no'), { error: 'invalid_grant' })),
    });
    await store.entry('damaged').set({ access_token: 'a' });
    storage.values.set([...storage.values.keys()][0]!, 'garbage');
    await store.entry('damaged').set({ access_token: 'b' });
    await store.entry('rejected').set({ access_token: 'a', refresh_token: 'r' });
    await store
      .entry('rejected')
      .refresh()
      .catch(() => {});
    await store.entry('unreadable').set({ access_token: 'a' });
    for (const key of storage.values.keys()) if (key.includes('unreadable')) storage.values.set(key, '[]');
    expect(storage.values.size).toBe(5);
    expect((await store.keys()).toSorted()).toEqual(['damaged', 'rejected', 'unreadable']);
    await store.clear();
    expect([...storage.values.keys()]).toEqual([]);
  });

  test('works on hundreds of entries', async () => {
    const storage = bareBackend();
    const store = createCredentialStore({ storage });
    await Promise.all(
      Array.from({ length: 600 }, (_, index) => store.entry(`k${index}`).set({ access_token: 'a' })),
    );
    expect(await store.keys()).toHaveLength(600);
    await store.clear();
    expect(await store.keys()).toEqual([]);
  });
});

describe('keys()', () => {
  test('lists the keys as they were given, of this namespace only', async () => {
    const storage = memoryBackend();
    const store = createCredentialStore({ storage, namespace: 'one' });
    await createCredentialStore({ storage, namespace: 'two' }).entry('theirs').set({ access_token: 'a' });
    await store.entry('ä/b').set({ access_token: 'a' });
    expect(await store.keys()).toEqual(['ä/b']);
  });

  test('takes an async iterable from the backend', async () => {
    const inner = bareBackend();
    async function* list(prefix: string): AsyncGenerator<string> {
      for (const key of inner.keys(prefix) as Iterable<string>) yield key;
    }
    const store = createCredentialStore({ storage: { ...inner, keys: list } });
    await store.entry('a').set({ access_token: 'a' });
    await store.entry('b').set({ access_token: 'b' });
    expect((await store.keys()).toSorted()).toEqual(['a', 'b']);
    await store.clear();
    expect(await store.keys()).toEqual([]);
  });

  test('lists the key of a damaged record too', async () => {
    const storage = bareBackend();
    const store = createCredentialStore({ storage });
    await store.entry('k').set({ access_token: 'a' });
    storage.values.set([...storage.values.keys()][0]!, '\u0000');
    expect(await store.keys()).toEqual(['k']);
  });
});

describe('entry()', () => {
  test('gives the same object for the same key, and `default` for none', () => {
    const store = createCredentialStore({ storage: memoryBackend() });
    expect(store.entry('k')).toBe(store.entry('k'));
    expect(store.entry()).toBe(store.entry('default'));
    expect(store.entry('')).not.toBe(store.entry());
    expect(store.entry('').key).toBe('');
  });

  test('refuses lone surrogates and what is no string with a TypeError', () => {
    const store = createCredentialStore({ storage: memoryBackend() });
    for (const key of ['\uD800', 'a\uDC00', '\uDC00\uD800'])
      expect(() => store.entry(key)).toThrow(TypeError);
    for (const key of [null, 1, {}, Symbol('k'), ['a']])
      expect(() => store.entry(key as string)).toThrow(TypeError);
    expect(() => store.entry('😀')).not.toThrow();
  });

  test('its methods and those of the store can be passed around unbound', async () => {
    const { entry, keys, clear, close } = createCredentialStore({ storage: memoryBackend() });
    const {
      get,
      set,
      update,
      delete: remove,
      invalidate,
      getAccessToken,
      until,
      expirySignal,
      timeLeft,
    } = entry();
    await set({ access_token: 'a', expires_in: null });
    expect(await getAccessToken()).toBe('a');
    expect((await until('fresh')).status).toBe('fresh');
    expect(expirySignal().aborted).toBe(false);
    expect(timeLeft().value).toBeNull();
    await update((current) => ({ ...current, scope: 's' }));
    expect(await get()).toEqual({ access_token: 'a', expires_in: null, scope: 's' });
    await invalidate();
    await remove();
    expect(await keys()).toEqual([]);
    await clear();
    await close();
  });
});
