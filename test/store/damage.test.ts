/* oxlint-disable typescript/no-unsafe-type-assertion -- what types forbid is handed in here */
/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import {
  CorruptRecordError,
  createCredentialStore,
  UnsupportedVersionError,
  type StorageBackend,
} from '../../src/index.js';
import { bareBackend, onlyKey, rejectionOf, turns } from './support.js';

const secret = 'SECRET-refresh-token-0123456789';

/** Every place in which an error could show something. */
const shown = (error: Error): string =>
  [
    error.message,
    error.stack,
    inspect(error, { depth: 10, showHidden: true }),
    JSON.stringify(error),
    JSON.stringify(error, Object.getOwnPropertyNames(error)),
    String(error.cause),
    inspect(error.cause, { showHidden: true }),
  ].join('\n');

async function stored(text: (valid: string) => string, changes: Partial<StorageBackend> = {}) {
  const bare = bareBackend();
  const storage = { ...bare, ...changes, values: bare.values };
  let requests = 0;
  const open = () =>
    createCredentialStore({
      storage: { ...storage },
      refresh: async () => {
        requests += 1;
        return { access_token: 'never' };
      },
    });
  const before = open();
  await before.entry().set({
    access_token: `${secret}-access`,
    refresh_token: secret,
    issued_at: new Date(Date.now()),
    expires_in: 3600,
  });
  const key = onlyKey(bare.values);
  const damaged = text(bare.values.get(key)!);
  bare.values.set(key, damaged);
  await before.entry('neighbour').set({ access_token: 'theirs' });
  // A store that has never seen the record in good order.
  const store = open();
  const entry = store.entry();
  return { storage, values: bare.values, store, entry, key, damaged, requests: () => requests };
}

const envelope = (credentials: object): string => JSON.stringify({ credentials });

const damage: Record<string, (valid: string) => string> = {
  empty: () => '',
  'one space': () => ' ',
  'truncated in the middle': (valid) => valid.slice(0, Math.floor(valid.length / 2)),
  'truncated by one': (valid) => valid.slice(0, -1),
  'truncated right after the token': (valid) => valid.slice(0, valid.indexOf(secret) + secret.length + 5),
  'followed by garbage': (valid) => `${valid}x`,
  'twice in a row': (valid) => valid + valid,
  binary: () => '\u0000\u0001\uFFFD\uFFFD\u0007',
  'a byte order mark before it': () => '\uFEFF{}',
  null: () => 'null',
  true: () => 'true',
  'a number': () => '42',
  'a string': () => `"${secret}"`,
  'an empty array': () => '[]',
  'an array of tokens': () => `[{"access_token":"${secret}"}]`,
  'an empty object': () => '{}',
  'bare JSON without a token': () => '{"scope":"openid"}',
  'bare JSON whose tokens are no strings': () => '{"access_token":1,"refresh_token":{}}',
  'bare JSON with null tokens': () => '{"access_token":null,"refresh_token":null}',
  'bare JSON with a good token and a bad lifetime': () => `{"access_token":"${secret}","expires_in":"soon"}`,
  'an envelope of nothing': () => '{"json":{}}',
  'an envelope of null': () => '{"json":null}',
  'an envelope without version': () => envelope({ access_token: secret }),
  'credentials that are null': (valid) => valid.replace(/"credentials":\{[^}]*\}/, '"credentials":null'),
  'credentials that are an array': (valid) =>
    valid.replace(/"credentials":\{[^}]*\}/, `"credentials":["${secret}"]`),
  'an access token that is a number': (valid) => valid.replace(/"access_token":"[^"]*"/, '"access_token":1'),
  'a refresh token that is an object': (valid) =>
    valid.replace(/"refresh_token":"[^"]*"/, `"refresh_token":{"a":"${secret}"}`),
  'an Invalid Date': (valid) => valid.replace(/"issued_at":"[^"]*"/, `"issued_at":"${secret}"`),
  'a lifetime that is negative': (valid) => valid.replace('"expires_in":3600', '"expires_in":-3600'),
  'a lifetime below 0 by a fraction': (valid) => valid.replace('"expires_in":3600', '"expires_in":-0.5'),
  'a lifetime beyond Date': (valid) => valid.replace('"expires_in":3600', '"expires_in":1e300'),
};

describe('a damaged record', () => {
  test('the table really damages what is stored', async () => {
    for (const [title, text] of Object.entries(damage)) {
      const { entry } = await stored((valid) => {
        expect(text(valid), title).not.toBe(valid);
        return text(valid);
      });
      await expect(entry.get(), title).rejects.toThrow();
    }
  });

  for (const [title, text] of Object.entries(damage)) {
    describe(title, () => {
      test('is a CorruptRecordError in every call that reads it, without a token in any text, and stays as it is', async () => {
        const { values, entry, key, damaged, requests } = await stored(text);
        const calls = {
          get: () => entry.get(),
          update: () => entry.update((current) => ({ ...current, scope: 's' })),
          refresh: () => entry.refresh(),
          getAccessToken: () => entry.getAccessToken(),
          invalidate: () => entry.invalidate(),
        };
        for (const [name, call] of Object.entries(calls)) {
          const error = await rejectionOf(call());
          expect(error, name).toBeInstanceOf(CorruptRecordError);
          expect(error.code).toBe('ERR_CORRUPT_RECORD');
          expect(error.key).toBe('default');
          expect(error.backend).toBe('bare');
          expect(shown(error)).not.toContain(secret.slice(0, 8));
        }
        expect(values.get(key)).toBe(damaged);
        expect(requests()).toBe(0);
      });

      test('is never `absent` in the signals, and says why', async () => {
        const { entry, key, damaged, values } = await stored(text);
        expect(entry.expiry.value.status).toBe('loading');
        expect(entry.expiry.value.error).toBeInstanceOf(CorruptRecordError);
        expect(entry.credentials.value).toBeUndefined();
        await turns();
        expect(values.get(key)).toBe(damaged);
      });

      test('the next `set` works and keeps the text aside; `delete` removes both; other keys are untouched', async () => {
        const { store, values, entry, key, damaged } = await stored(text);
        await entry.set({ access_token: 'new' });
        expect(await entry.get()).toEqual({ access_token: 'new' });
        const kept = [...values].filter(([other]) => other !== key && !other.includes('neighbour'));
        expect(kept.map(([, value]) => value)).toEqual([damaged]);
        expect((await store.keys()).toSorted()).toEqual(['default', 'neighbour']);
        await entry.delete();
        expect(values.size).toBe(1);
        expect(await store.entry('neighbour').get()).toEqual({ access_token: 'theirs' });
      });
    });
  }

  test('`delete` works on it, and nothing is left', async () => {
    const { store, entry, values } = await stored(() => 'garbage');
    await entry.delete();
    expect(await entry.get()).toBeUndefined();
    expect(await store.keys()).toEqual(['neighbour']);
    expect(values.size).toBe(1);
  });

  test('a second damaged record replaces the copy of the first: at most one a key', async () => {
    const { entry, values, key } = await stored(() => 'first');
    await entry.set({ access_token: 'a' });
    values.set(key, 'second');
    await entry.set({ access_token: 'b' });
    expect([...values.values()].filter((text) => text === 'first' || text === 'second')).toEqual(['second']);
  });

  test('a record that was good keeps its last known value in the signals when it is damaged later', async () => {
    const { entry: observed, values, key } = await stored((valid) => valid);
    const statuses: [string, boolean][] = [];
    observed.expiry.subscribe(({ status, error }) => statuses.push([status, !!error]));
    values.set(key, 'garbage');
    await rejectionOf(observed.get());
    expect(statuses.at(-1)).toEqual(['fresh', true]);
    expect(observed.credentials.value?.refresh_token).toBe(secret);
    // What is held in memory stays usable.
    expect(await observed.getAccessToken()).toBe(`${secret}-access`);
    await observed.set({ access_token: 'b', expires_in: null });
    expect(statuses.at(-1)).toEqual(['fresh', false]);
  });

  test('a read error goes with the next read', async () => {
    const { entry, values, key } = await stored((valid) => valid);
    const good = values.get(key)!;
    entry.expiry.subscribe(() => {});
    values.set(key, '[]');
    await rejectionOf(entry.get());
    expect(entry.expiry.value.error).toBeInstanceOf(CorruptRecordError);
    values.set(key, good);
    await entry.get();
    expect(entry.expiry.value.error).toBeUndefined();
  });
});

describe('a backend with quarantine', () => {
  const quarantining = () => {
    const values = new Map<string, string>();
    const copies = new Map<string, string>();
    const calls: string[] = [];
    const bare = bareBackend(values);
    const storage: StorageBackend = {
      ...bare,
      compareAndSet(key, expected, next) {
        const won = bare.compareAndSet(key, expected, next) as boolean;
        calls.push(next === undefined ? 'delete' : 'write');
        if (won && next === undefined) copies.delete(key);
        return won;
      },
      quarantine(key) {
        calls.push('quarantine');
        copies.set(key, values.get(key)!);
      },
    };
    return { storage, values, copies, calls, entry: createCredentialStore({ storage }).entry() };
  };

  test('is asked to copy the bytes before `set` replaces them, and the core keeps no copy of its own', async () => {
    const { entry, values, copies, calls } = quarantining();
    await entry.set({ access_token: 'a' });
    const key = onlyKey(values);
    values.set(key, 'garbage');
    calls.length = 0;
    await entry.set({ access_token: 'b' });
    expect(calls).toEqual(['quarantine', 'write']);
    expect([...copies]).toEqual([[key, 'garbage']]);
    expect(values.size).toBe(1);
    await entry.delete();
    expect(copies.size).toBe(0);
  });

  test('is not asked for a good record, nor by `delete`', async () => {
    const { entry, values, calls } = quarantining();
    await entry.set({ access_token: 'a' });
    await entry.set({ access_token: 'b' });
    await entry.update(() => ({ access_token: 'c' }));
    values.set(onlyKey(values), 'garbage');
    await entry.delete();
    expect(calls).not.toContain('quarantine');
  });

  test('that fails to copy keeps the damaged bytes: `set` rejects, typed', async () => {
    const { storage, values } = quarantining();
    const entry = createCredentialStore({
      storage: {
        ...storage,
        quarantine: () => Promise.reject(Object.assign(new Error('no space left'), { code: 'ENOSPC' })),
      },
    }).entry();
    await entry.set({ access_token: 'a' });
    values.set(onlyKey(values), 'garbage');
    expect((await rejectionOf(entry.set({ access_token: 'b' }))).name).toBe('StorageQuotaError');
    expect(values.get(onlyKey(values))).toBe('garbage');
  });
});

describe('a record of a newer version', () => {
  const newer: Record<string, (valid: string) => string> = {
    'the next version': (valid) => valid.replace(/"version":\d+/, '"version":2'),
    'a far version': (valid) => valid.replace(/"version":\d+/, '"version":999999'),
    'a newer version with another inside': () =>
      `{"json":{"version":7,"sealed":"${secret}","credentials":"elsewhere"}}`,
  };
  for (const [title, text] of Object.entries(newer)) {
    test(`${title}: get, set, update and refresh reject with UnsupportedVersionError and leave it alone`, async () => {
      const { entry, values, key, damaged, requests, store } = await stored(text);
      const calls = {
        get: () => entry.get(),
        set: () => entry.set({ access_token: 'b' }),
        update: () => entry.update(() => ({ access_token: 'b' })),
        'update that deletes': () => entry.update(() => undefined),
        refresh: () => entry.refresh(),
        getAccessToken: () => entry.getAccessToken(),
        invalidate: () => entry.invalidate(),
      };
      for (const [name, call] of Object.entries(calls)) {
        const error = await rejectionOf(call());
        expect(error, name).toBeInstanceOf(UnsupportedVersionError);
        expect(shown(error)).not.toContain(secret.slice(0, 8));
      }
      expect(values.get(key)).toBe(damaged);
      expect(values.size).toBe(2);
      expect(requests()).toBe(0);
      expect(await store.keys()).toContain('default');
    });

    test(`${title}: delete works, and so does set after it`, async () => {
      const { entry } = await stored(text);
      await entry.delete();
      expect(await entry.get()).toBeUndefined();
      await entry.set({ access_token: 'b' });
      expect(await entry.get()).toEqual({ access_token: 'b' });
    });
  }

  for (const version of ['0', '-1', '1.5', '"2"', 'null', '[]', '1e400']) {
    test(`version ${version} is no newer version but damage`, async () => {
      const { entry } = await stored((valid) => valid.replace(/"version":\d+/, `"version":${version}`));
      expect(await rejectionOf(entry.get())).toBeInstanceOf(CorruptRecordError);
    });
  }
});

describe('bare JSON without an envelope', () => {
  const taken: [string, object][] = [
    ['{"access_token":"a"}', { access_token: 'a' }],
    ['{"refresh_token":"r"}', { refresh_token: 'r' }],
    [
      '{"access_token":"a","issued_at":"2026-01-01T00:00:00Z","expires_in":"3599","scope":"s"}',
      { access_token: 'a', issued_at: new Date('2026-01-01T00:00:00Z'), expires_in: 3599, scope: 's' },
    ],
    [
      '{"access_token":"a","issued_at":1767225600000}',
      { access_token: 'a', issued_at: new Date(1767225600000) },
    ],
    [
      '{"access_token":"a","refresh_token":null,"expires_in":null}',
      { access_token: 'a', refresh_token: null, expires_in: null },
    ],
    [' {"access_token":"a"}\n', { access_token: 'a' }],
    ['{"access_token":"a","version":3,"credentials":{}}', { access_token: 'a', version: 3, credentials: {} }],
  ];
  for (const [text, credentials] of taken) {
    test(`${text} is taken`, async () => {
      const { entry } = await stored(() => text);
      expect(await entry.get()).toStrictEqual(credentials);
    });
  }

  test('is taken with a member that the codec would take for its own', async () => {
    const values = new Map([['shelflife:default', '{"access_token":"a","json":{"b":1},"meta":{}}']]);
    const entry = createCredentialStore({ storage: bareBackend(values) }).entry();
    expect(await entry.get()).toEqual({ access_token: 'a', json: { b: 1 }, meta: {} });
  });

  test('can be updated, invalidated and replaced', async () => {
    const { entry, values } = await stored(() => '{"access_token":"a","expires_in":null}');
    expect(entry.expiry.value.status).toBe('fresh');
    await entry.update((current) => ({ ...current, scope: 's' }));
    expect(await entry.get()).toEqual({ access_token: 'a', expires_in: null, scope: 's' });
    values.set(
      [...values.keys()].find((key) => !key.includes('neighbour'))!,
      '{"access_token":"b","expires_in":null}',
    );
    await entry.invalidate('b');
    expect(entry.expiry.value.status).toBe('queued');
    await entry.set({ access_token: 'c' });
    expect(await entry.get()).toEqual({ access_token: 'c' });
    expect(values.size).toBe(2);
  });

  test('with a __proto__ member pollutes nothing', async () => {
    const { entry } = await stored(() => '{"access_token":"a","__proto__":{"polluted":true}}');
    const credentials = (await entry.get())!;
    expect(credentials['polluted']).toBeUndefined();
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
