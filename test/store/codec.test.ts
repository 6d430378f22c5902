/* oxlint-disable typescript/no-unsafe-type-assertion -- what types forbid is handed in here */
/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  CorruptRecordError,
  createCredentialStore,
  InvalidCredentialsError,
  memoryBackend,
  UnsupportedVersionError,
  type Codec,
  type StorageBackend,
} from '../../src/index.js';
import { fakeClock } from '../../src/testing/index.js';
import { bareBackend, expiredTokens, onlyKey, rejectionOf, sameStorage, tokens, turns } from './support.js';

/** A codec of twenty lines: plain JSON, with dates tagged. */
const jsonCodec: Codec = {
  encode: (record) =>
    JSON.stringify(record, function (this: Record<string, unknown>, name, value: unknown) {
      const original = this[name];
      return original instanceof Date ? { $date: original.getTime() } : value;
    }),
  decode: (text) =>
    JSON.parse(text, (_, value: unknown) =>
      typeof value === 'object' && value !== null && '$date' in value
        ? new Date((value as { $date: number }).$date)
        : value,
    ),
};

/** The smallest that will do: the border revives `issued_at` from the text JSON makes of it. */
const smallestCodec: Codec = {
  encode: (record) => JSON.stringify(record),
  decode: (text) => JSON.parse(text) as unknown,
};

describe('another codec', () => {
  for (const [title, codec] of [
    ['with tagged dates', jsonCodec],
    ['of two lines', smallestCodec],
  ] as const) {
    test(`${title} keeps what was set, dates as dates`, async () => {
      const storage = bareBackend();
      const credentials = {
        access_token: 'a',
        refresh_token: null,
        issued_at: new Date(1e12),
        expires_in: 3600,
        nested: { list: ['x', null] },
      };
      await createCredentialStore({ storage: sameStorage(storage), codec })
        .entry()
        .set(credentials);
      const entry = createCredentialStore({ storage: sameStorage(storage), codec }).entry();
      expect(await entry.get()).toStrictEqual(credentials);
      expect(() => JSON.parse(storage.values.get(onlyKey(storage.values))!) as unknown).not.toThrow();
    });

    test(`${title} goes through update, invalidate, refresh and damage`, async () => {
      const clock = fakeClock();
      const storage = bareBackend();
      const entry = createCredentialStore({
        storage,
        codec,
        clock,
        refresh: async () => ({ access_token: 'second', expires_in: 3600 }),
      }).entry();
      await entry.set(expiredTokens('one', clock.now()));
      await entry.update((current) => ({ ...current, scope: 's' }));
      await entry.invalidate();
      expect(await entry.getAccessToken()).toBe('second');
      expect(await entry.get()).toEqual({
        access_token: 'second',
        refresh_token: 'refresh-one-0123456789',
        issued_at: new Date(clock.now()),
        expires_in: 3600,
        scope: 's',
      });
      storage.values.set(onlyKey(storage.values), 'garbage');
      expect(await rejectionOf(entry.get())).toBeInstanceOf(CorruptRecordError);
      await entry.set({ access_token: 'b' });
      expect(await entry.get()).toEqual({ access_token: 'b' });
    });
  }

  test('with tagged dates keeps dates in unknown members', async () => {
    const entry = createCredentialStore({ storage: memoryBackend(), codec: jsonCodec }).entry();
    await entry.set({ access_token: 'a', nested: { at: new Date(5) } });
    expect(await entry.get()).toEqual({ access_token: 'a', nested: { at: new Date(5) } });
  });

  test('a record of the default codec is not taken for another one', async () => {
    const storage = bareBackend();
    await createCredentialStore({ storage: sameStorage(storage) })
      .entry()
      .set({ access_token: 'a' });
    const entry = createCredentialStore({ storage: sameStorage(storage), codec: jsonCodec }).entry();
    expect(await rejectionOf(entry.get())).toBeInstanceOf(CorruptRecordError);
  });

  test('bare JSON is read whatever the codec is', async () => {
    const storage = bareBackend();
    const base64: Codec = {
      encode: (record) => Buffer.from(JSON.stringify(record)).toString('base64'),
      decode: (text) => {
        if (!/^[A-Za-z0-9+/=]+$/.test(text)) throw new Error('not base64');
        return JSON.parse(Buffer.from(text, 'base64').toString()) as unknown;
      },
    };
    const entry = createCredentialStore({ storage, codec: base64 }).entry();
    await entry.set({ access_token: 'a' });
    const key = onlyKey(storage.values);
    expect(storage.values.get(key)).not.toContain('access_token');
    storage.values.set(key, '{"access_token":"bare"}');
    expect(await entry.get()).toEqual({ access_token: 'bare' });
  });

  test('a newer version is seen through it', async () => {
    const storage = bareBackend();
    const entry = createCredentialStore({ storage, codec: smallestCodec }).entry();
    await entry.set({ access_token: 'a' });
    const key = onlyKey(storage.values);
    storage.values.set(key, storage.values.get(key)!.replace('"version":1', '"version":2'));
    expect(await rejectionOf(entry.get())).toBeInstanceOf(UnsupportedVersionError);
  });

  test('that throws while encoding is a typed failure that quotes nothing and writes nothing', async () => {
    const storage = bareBackend();
    const entry = createCredentialStore({
      storage,
      codec: {
        encode: (record) => {
          throw new Error(`cannot encode ${JSON.stringify(record)}`);
        },
        decode: JSON.parse,
      },
    }).entry();
    const error = await rejectionOf(entry.set({ access_token: 'secret-token-0123456789' }));
    expect(error).toBeInstanceOf(InvalidCredentialsError);
    expect(`${error.message}${error.stack}${JSON.stringify(error.cause)}`).not.toContain('secret-token');
    expect(storage.values.size).toBe(0);
  });

  test('that encodes to no string is told by the name of the option', async () => {
    for (const encode of [() => undefined, () => ({}), () => 7]) {
      const entry = createCredentialStore({
        storage: memoryBackend(),
        codec: { encode: encode as never, decode: JSON.parse },
      }).entry();
      const error = await rejectionOf(entry.set({ access_token: 'a' }));
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).toContain('codec');
    }
  });

  test('members no codec can keep are a typed refusal', async () => {
    const entry = createCredentialStore({ storage: memoryBackend(), codec: smallestCodec }).entry();
    expect(await rejectionOf(entry.set({ access_token: 'a', big: 1n }))).toBeInstanceOf(
      InvalidCredentialsError,
    );
    const circular: Record<string, unknown> = { access_token: 'a' };
    circular['self'] = circular;
    expect(await rejectionOf(entry.set(circular))).toBeInstanceOf(InvalidCredentialsError);
  });
});

describe('a wrapper that enciphers', () => {
  /** As the contract says: reads and decodes the inner value, then compares-and-sets the inner text it read. */
  function ciphering(inner: StorageBackend, key: Buffer): StorageBackend {
    const seal = (text: string): string => {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, iv);
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64');
    };
    const unseal = (text: string): string => {
      const bytes = Buffer.from(text, 'base64');
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12));
      decipher.setAuthTag(bytes.subarray(12, 28));
      return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
    };
    return {
      ...inner,
      name: `ciphered ${inner.name}`,
      async get(name) {
        const text = await inner.get(name);
        return text === undefined ? undefined : unseal(text);
      },
      async compareAndSet(name, expected, next) {
        const text = await inner.get(name);
        if ((text === undefined ? undefined : unseal(text)) !== expected) return false;
        return inner.compareAndSet(name, text, next === undefined ? undefined : seal(next));
      },
    };
  }

  const key = randomBytes(32);

  test('keeps no token in the clear, and loses no update of two contexts', async () => {
    const inner = bareBackend();
    const entries = [0, 1].map(() =>
      createCredentialStore({ storage: ciphering(sameStorage(inner), key) }).entry(),
    );
    await entries[0]!.set({ access_token: 'secret-token-0123456789', count: 0 });
    await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        entries[index % 2]!.update((current) => ({ ...current, count: Number(current!['count']) + 1 })),
      ),
    );
    expect((await entries[1]!.get())!['count']).toBe(60);
    expect([...inner.values.values()].join()).not.toContain('secret');
  });

  test('refreshes once across contexts, and each has the new token', async () => {
    const clock = fakeClock();
    const inner = memoryBackend();
    let requests = 0;
    const entries = [0, 1, 2].map(() =>
      createCredentialStore({
        storage: ciphering(sameStorage(inner), key),
        clock,
        refresh: async () => {
          requests += 1;
          await turns(3);
          return tokens('two', clock.now());
        },
      }).entry(),
    );
    await entries[0]!.set(expiredTokens('one', clock.now()));
    const got = await Promise.all(entries.map((entry) => entry.getAccessToken()));
    expect(new Set(got)).toEqual(new Set(['access-two-0123456789']));
    expect(requests).toBe(1);
  });

  test('with another key reads as a failure, never as absent, and overwrites nothing by itself', async () => {
    const inner = bareBackend();
    await createCredentialStore({ storage: ciphering(sameStorage(inner), key) })
      .entry()
      .set({ access_token: 'a' });
    const text = [...inner.values.values()][0];
    const locked = createCredentialStore({ storage: ciphering(sameStorage(inner), randomBytes(32)) }).entry();
    expect((await rejectionOf(locked.get())).name).toBe('StorageUnavailableError');
    expect(locked.expiry.value.status).toBe('loading');
    await rejectionOf(locked.set({ access_token: 'b' }));
    expect([...inner.values.values()][0]).toBe(text);
  });
});
