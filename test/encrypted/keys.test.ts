import { createSecretKey } from 'node:crypto';
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  browserKey,
  createSalt,
  encryptedBackend,
  passphraseKey,
  rawKey,
} from '../../src/encrypted/index.js';
import type { KeySource } from '../../src/encrypted/index.js';
import { memoryBackend } from '../../src/index.js';
import { failureOf, keyOf, openEncrypted, put, snapshot, stored } from './support.js';

const salt = new Uint8Array(16).fill(7);
const quick = { salt, iterations: 1000 };

afterEach(() => vi.restoreAllMocks());

describe('rawKey', () => {
  test.each([[16], [31], [33], [64]])('of %s bytes is a TypeError with the length wanted', (length) => {
    expect(() => rawKey(new Uint8Array(length))).toThrow(TypeError);
    expect(() => rawKey(new Uint8Array(length))).toThrow('32 bytes');
  });

  test('of something else is a TypeError', () => {
    const open = rawKey as (bytes: unknown) => unknown;
    for (const bytes of ['x'.repeat(32), new ArrayBuffer(32), Array(32).fill(1), undefined])
      expect(() => open(bytes)).toThrow(TypeError);
  });

  test('keeps its bytes though theirs are wiped, and can not be read out', async () => {
    const bytes = new Uint8Array(32).fill(1);
    const source = rawKey(bytes);
    bytes.fill(0);
    const { id, key } = await source.open();
    expect(id).toBe((await keyOf(1).open()).id);
    expect(id).not.toBe((await keyOf(2).open()).id);
    expect(key.extractable).toBe(false);
  });
});

describe('passphraseKey', () => {
  test('derives with 600,000 iterations unless told otherwise, and says so in its id', async () => {
    const derive = vi.spyOn(crypto.subtle, 'deriveKey');
    const { id } = await passphraseKey('correct horse', { salt }).open();
    expect(id).toMatch(/^pbkdf2-sha256:600000:[\w-]{22}$/);
    const algorithm = { name: 'PBKDF2', hash: 'SHA-256', iterations: 600_000 };
    expect(derive.mock.calls[0]?.[0]).toMatchObject(algorithm);
  });

  test('derives once for many reads and writes', async () => {
    const derive = vi.spyOn(crypto.subtle, 'deriveKey');
    const { backend } = openEncrypted(passphraseKey('p', quick));
    for (const text of ['a', 'b', 'c']) await put(backend, 'key', text);
    await put(backend, 'other', 'd');
    for (let count = 0; count < 3; count += 1) expect(await backend.get('key')).toBe('c');
    expect(derive).toHaveBeenCalledTimes(1);
  });

  test('that is wrong is told by a DecryptionError, after the same work as one that is right', async () => {
    const { backend, inner } = openEncrypted(passphraseKey('right', quick));
    await put(backend, 'key', 'text');
    const before = await snapshot(inner);
    const work: number[][] = [];
    for (const passphrase of ['right', 'wrong']) {
      const derive = vi.spyOn(crypto.subtle, 'deriveKey');
      const decrypt = vi.spyOn(crypto.subtle, 'decrypt');
      const { backend: other } = openEncrypted(passphraseKey(passphrase, quick), inner);
      const answer = await Promise.resolve(other.get('key')).catch((error: unknown) => error);
      if (passphrase === 'right') expect(answer).toBe('text');
      else {
        expect(answer).toMatchObject({ name: 'DecryptionError', retryable: false });
        expect(String(answer)).toMatch(/passphrase is wrong/);
        expect(String(answer)).not.toContain('wrong"');
      }
      work.push([derive.mock.calls.length, decrypt.mock.calls.length]);
      vi.restoreAllMocks();
    }
    expect(work).toEqual([
      [1, 1],
      [1, 1],
    ]);
    expect(await snapshot(inner)).toEqual(before);
  });

  test('that is wrong writes nothing beside what the right one wrote', async () => {
    const { backend, inner } = openEncrypted(passphraseKey('right', quick));
    await put(backend, 'key', 'text');
    const other = openEncrypted(passphraseKey('wrong', quick), inner).backend;
    expect(await failureOf(() => other.compareAndSet('new', undefined, 'text'))).toMatchObject({
      code: 'ERR_DECRYPTION',
    });
    expect(Object.keys(await snapshot(inner))).toEqual(['key']);
  });

  test('with the right passphrase writes beside one record that somebody damaged', async () => {
    const { backend, inner } = openEncrypted(passphraseKey('right', quick));
    for (const key of ['a', 'b']) await put(backend, key, 'text');
    await put(inner, 'a', `${(await stored(inner, 'a')).slice(0, -2)}AA`);
    const other = openEncrypted(passphraseKey('right', quick), inner).backend;
    expect(await other.compareAndSet('new', undefined, 'text')).toBe(true);
  });

  test('asks again after a wrong answer, and no more after a right one', async () => {
    const { backend, inner } = openEncrypted(passphraseKey('right', quick));
    await put(backend, 'key', 'text');
    const answers = ['wrong', 'right', 'never asked for'];
    const ask = vi.fn<() => string>(() => answers.shift() ?? '');
    const other = openEncrypted(passphraseKey(ask, quick), inner).backend;
    expect(await failureOf(() => other.get('key'))).toMatchObject({ code: 'ERR_DECRYPTION' });
    expect(await other.get('key')).toBe('text');
    await put(inner, 'damaged', `${(await stored(inner, 'key')).slice(0, -2)}AA`);
    expect(await failureOf(() => other.get('damaged'))).toMatchObject({ code: 'ERR_DECRYPTION' });
    await put(other, 'new', 'text');
    expect(ask).toHaveBeenCalledTimes(2);
  });

  test('that nobody gives is a KeyUnavailableError, and asked for at the next use', async () => {
    const ask = vi.fn<() => Promise<string>>();
    ask.mockResolvedValueOnce('').mockRejectedValueOnce(new Error('cancelled')).mockResolvedValue('p');
    const { backend } = openEncrypted(passphraseKey(ask, quick));
    const write = (): unknown => backend.compareAndSet('key', undefined, 'text');
    expect(await failureOf(write)).toMatchObject({ name: 'KeyUnavailableError', retryable: true });
    expect(await failureOf(write)).toMatchObject({
      code: 'ERR_KEY_UNAVAILABLE',
      cause: { message: 'cancelled' },
    });
    expect(await write()).toBe(true);
  });

  test('is the same for a letter composed or decomposed', async () => {
    const { backend, inner } = openEncrypted(passphraseKey('caf\u00e9', quick));
    await put(backend, 'key', 'text');
    expect(await openEncrypted(passphraseKey('cafe\u0301', quick), inner).backend.get('key')).toBe('text');
  });

  test('has its iterations raised by a rotation', async () => {
    const { backend, inner } = openEncrypted(passphraseKey('p', quick));
    await put(backend, 'key', 'text');
    const raised = passphraseKey('p', { salt, iterations: 2000 });
    const both = encryptedBackend(inner, { keys: [raised, passphraseKey('p', quick)] });
    expect(await both.rotate()).toEqual({ done: 1, total: 1, failed: [] });
    expect(await openEncrypted(raised, inner).backend.get('key')).toBe('text');
  });

  test.each([
    ['an empty passphrase', '', quick, /passphrase/],
    ['no passphrase', undefined, quick, /passphrase/],
    ['no options', 'p', undefined, /salt/],
    ['a short salt', 'p', { salt: new Uint8Array(15) }, /at least 16 bytes/],
    ['a salt of text', 'p', { salt: 'salt' }, /salt/],
    ['too few iterations', 'p', { salt, iterations: 999 }, /iterations/],
    ['half an iteration', 'p', { salt, iterations: 1000.5 }, /iterations/],
  ])('with %s is a TypeError', (_, passphrase, options, message) => {
    const open = passphraseKey as (passphrase: unknown, options: unknown) => unknown;
    expect(() => open(passphrase, options)).toThrow(TypeError);
    expect(() => open(passphrase, options)).toThrow(message);
  });

  test('takes the salts that createSalt makes, which differ', () => {
    const salts = Array.from({ length: 50 }, () => createSalt());
    expect(new Set(salts.map(String)).size).toBe(50);
    for (const each of salts) passphraseKey('p', { salt: each });
  });
});

describe('browserKey', () => {
  beforeEach(() => {
    vi.stubGlobal('indexedDB', new IDBFactory());
    vi.stubGlobal('IDBKeyRange', IDBKeyRange);
  });

  test('is made once, however many ask at the same moment, and kept', async () => {
    const opened = await Promise.all(Array.from({ length: 10 }, () => browserKey().open()));
    expect(new Set(opened.map(({ id }) => id)).size).toBe(1);
    expect((await browserKey().open()).id).toBe(opened[0]?.id);
    expect(opened[0]?.key.extractable).toBe(false);
  });

  test('of another database is another one', async () => {
    const [one, other] = await Promise.all([browserKey().open(), browserKey({ database: 'other' }).open()]);
    expect(one?.id).not.toBe(other?.id);
  });

  test('that is gone is not made anew while there are records of it', async () => {
    const { backend, inner } = openEncrypted(browserKey());
    await put(backend, 'key', 'text');
    const before = await snapshot(inner);
    vi.stubGlobal('indexedDB', new IDBFactory());
    const later = openEncrypted(browserKey(), inner).backend;
    for (const call of [() => later.get('key'), () => later.compareAndSet('new', undefined, 'text')]) {
      const error = await failureOf(call);
      expect(error).toMatchObject({ name: 'KeyUnavailableError', retryable: false });
      expect(error.message).toContain('gone');
    }
    expect(await indexedDB.databases()).toMatchObject([{ name: 'shelflife-keys' }]);
    expect(await snapshot(inner)).toEqual(before);
    await put(inner, 'key', undefined);
    expect(await later.compareAndSet('new', undefined, 'text')).toBe(true);
  });

  test('is made beside records of another key, which a rotation gives it', async () => {
    const { backend, inner } = openEncrypted(keyOf(1));
    await put(backend, 'key', 'text');
    const both = encryptedBackend(inner, { keys: [browserKey(), keyOf(1)] });
    expect(await both.get('key')).toBe('text');
    expect(await both.rotate()).toEqual({ done: 1, total: 1, failed: [] });
    expect(await openEncrypted(browserKey(), inner).backend.get('key')).toBe('text');
  });

  test('that was lost and made anew by another tab is found', async () => {
    const { backend, inner } = openEncrypted(browserKey());
    await put(backend, 'key', 'text');
    await put(inner, 'key', undefined);
    vi.stubGlobal('indexedDB', new IDBFactory());
    await put(openEncrypted(browserKey(), inner).backend, 'key', 'of the new key');
    expect(await backend.get('key')).toBe('of the new key');
  });

  test('is unavailable where there is no IndexedDB, and had where there is one again', async () => {
    const factory = indexedDB;
    vi.stubGlobal('indexedDB', undefined);
    const { backend } = openEncrypted(browserKey());
    expect(await failureOf(() => backend.compareAndSet('key', undefined, 'text'))).toMatchObject({
      name: 'KeyUnavailableError',
      retryable: true,
    });
    vi.stubGlobal('indexedDB', factory);
    expect(await backend.compareAndSet('key', undefined, 'text')).toBe(true);
  });

  test('says what is wrong where the page has no Web Crypto', async () => {
    vi.stubGlobal('crypto', { getRandomValues: crypto.getRandomValues.bind(crypto) });
    const error = await failureOf(() => browserKey().open());
    expect(error).toMatchObject({ name: 'KeyUnavailableError', retryable: false });
    expect(error.message).toContain('https');
  });

  test('leaves a database of somebody else alone', async () => {
    const { backend } = openEncrypted(browserKey());
    await put(backend, 'key', 'text');
    const request = indexedDB.open('shelflife-keys');
    await new Promise<void>((resolve) => {
      request.addEventListener('success', () => {
        const written = request.result
          .transaction('credentials', 'readwrite')
          .objectStore('credentials')
          .put('x', 'key');
        written.addEventListener('success', () => resolve());
      });
    });
    request.result.close();
    expect((await failureOf(() => browserKey().open())).message).toContain('something else');
  });

  test('with a database that is no text is a TypeError', () => {
    const open = browserKey as (options: unknown) => unknown;
    expect(() => open({ database: 7 })).toThrow('"database"');
  });
});

describe('a key source of your own', () => {
  test('whose failure is no error of ours is a KeyUnavailableError with its name, and is asked again', async () => {
    const open = vi.fn<KeySource['open']>();
    open.mockRejectedValueOnce(new Error('no route to host')).mockImplementation(() => keyOf(1).open());
    const { backend } = openEncrypted({ name: 'kms', open });
    const error = await failureOf(() => backend.compareAndSet('key', undefined, 'text'));
    expect(error).toMatchObject({ name: 'KeyUnavailableError', cause: { message: 'no route to host' } });
    expect(error.message).toContain('kms');
    expect(await backend.compareAndSet('key', undefined, 'text')).toBe(true);
    expect(await backend.get('key')).toBe('text');
    expect(open).toHaveBeenCalledTimes(2);
  });

  test.each([
    ['of the wrong length', async () => ({ id: 'a', key: await generate(128) })],
    ['without an id', async () => ({ key: await generate(256) })],
    ['that is none', async () => ({ id: 'a', key: createSecretKey(Buffer.alloc(32)) })],
    ['of nothing', async () => undefined],
  ])('that gives a key %s is a TypeError that says what is wanted', async (_, open) => {
    const { backend } = openEncrypted({ name: 'kms', open: open as unknown as KeySource['open'] });
    const error = await failureOf(() => backend.compareAndSet('key', undefined, 'text'));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toMatch(/kms.*256 bits/);
  });

  test('that can not be had hides no record of another key', async () => {
    const { backend, inner } = openEncrypted(keyOf(1));
    await put(backend, 'key', 'text');
    const locked: KeySource = { name: 'locked', open: () => Promise.reject(new Error('locked')) };
    expect(await encryptedBackend(inner, { keys: [locked, keyOf(1)] }).get('key')).toBe('text');
    const error = await failureOf(() => encryptedBackend(inner, { keys: [locked, keyOf(2)] }).get('key'));
    expect(error).toMatchObject({ name: 'KeyUnavailableError', retryable: true });
  });

  test('is opened anew after a close', async () => {
    const open = vi.fn<KeySource['open']>(() => keyOf(1).open());
    const backend = encryptedBackend(memoryBackend(), { keys: { name: 'kms', open } });
    await put(backend, 'key', 'text');
    await backend.close?.();
    expect(await backend.get('key')).toBe('text');
    expect(open).toHaveBeenCalledTimes(2);
  });
});

async function generate(length: number): Promise<CryptoKey> {
  return crypto.subtle.generateKey({ name: 'AES-GCM', length }, false, ['encrypt', 'decrypt']);
}
