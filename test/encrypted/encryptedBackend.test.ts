import { compactDecrypt } from 'jose';
import { describe, expect, test, vi } from 'vitest';
import { encryptedBackend, rawKey, type KeySource } from '../../src/encrypted/index.js';
import { memoryBackend, type StorageBackend } from '../../src/index.js';
import { failureOf, keyOf, openEncrypted, put, snapshot, stored } from './support.js';

describe('an encrypted record', () => {
  test('is a JWE that jose alone decrypts, with a header that names its key and its storage key', async () => {
    const bytes = crypto.getRandomValues(new Uint8Array(32));
    const { backend, inner } = openEncrypted(rawKey(bytes));
    await put(backend, 'app:jane', '{"token":"ж🔑"}');
    const { plaintext, protectedHeader } = await compactDecrypt(await stored(inner, 'app:jane'), bytes);
    expect(new TextDecoder().decode(plaintext)).toBe('{"token":"ж🔑"}');
    const kid: unknown = expect.stringMatching(/^raw:[\w-]{22}$/);
    expect(protectedHeader).toEqual({ alg: 'dir', enc: 'A256GCM', kid, storage_key: 'app:jane' });
  });

  test('can be read by another backend object with the same key', async () => {
    const { backend, inner } = openEncrypted();
    await put(backend, 'key', 'text');
    expect(await openEncrypted(keyOf(1), inner).backend.get('key')).toBe('text');
  });

  test('is another ciphertext each time, also of the same text', async () => {
    const { backend, inner } = openEncrypted();
    const seen = new Set<string>();
    for (let count = 0; count < 20; count += 1) {
      await put(backend, 'key', undefined);
      await put(backend, 'key', 'the same');
      seen.add(await stored(inner, 'key'));
    }
    expect(seen.size).toBe(20);
  });

  test('is decrypted once, and not again while it is the same', async () => {
    const { backend, inner } = openEncrypted();
    await put(backend, 'key', 'text');
    const reader = openEncrypted(keyOf(1), inner).backend;
    const decrypt = vi.spyOn(crypto.subtle, 'decrypt');
    for (let count = 0; count < 5; count += 1) expect(await reader.get('key')).toBe('text');
    expect(decrypt).toHaveBeenCalledTimes(1);
    await put(backend, 'key', 'other text');
    expect(await reader.get('key')).toBe('other text');
    expect(decrypt).toHaveBeenCalledTimes(2);
    decrypt.mockRestore();
  });

  test('is not decrypted by whoever wrote it, and read once for a write', async () => {
    const { inner } = openEncrypted();
    const get = vi.spyOn(inner, 'get');
    const { backend } = openEncrypted(keyOf(1), inner);
    const decrypt = vi.spyOn(crypto.subtle, 'decrypt');
    await put(backend, 'key', 'first');
    await put(backend, 'key', 'second');
    expect(await backend.get('key')).toBe('second');
    expect(decrypt).not.toHaveBeenCalled();
    expect(get).toHaveBeenCalledTimes(3);
    decrypt.mockRestore();
  });

  test('in a text that is no Unicode is refused, instead of changed silently', async () => {
    const { backend, inner } = openEncrypted();
    expect(await failureOf(() => backend.compareAndSet('key', undefined, 'a\ud800b'))).toBeInstanceOf(
      TypeError,
    );
    expect(await inner.get('key')).toBeUndefined();
  });
});

describe('a write', () => {
  test('wins over the same text in another ciphertext, as a rotation leaves it', async () => {
    const { backend, inner } = openEncrypted();
    await put(backend, 'key', 'text');
    await backend.get('key');
    const rotated = encryptedBackend(inner, { keys: [keyOf(2), keyOf(1)] });
    expect(await rotated.rotate()).toMatchObject({ done: 1 });
    const both = encryptedBackend(inner, { keys: [keyOf(1), keyOf(2)] });
    await both.get('key');
    expect(await rotated.compareAndSet('key', 'text', 'newer')).toBe(true);
    expect(await rotated.compareAndSet('key', 'newer', 'text')).toBe(true);
    expect(await both.compareAndSet('key', 'text', 'next')).toBe(true);
    expect(await rotated.get('key')).toBe('next');
  });

  test('gives up where the inner backend refuses though nothing changed', async () => {
    const inner: StorageBackend = { ...memoryBackend(), compareAndSet: () => false };
    expect(await openEncrypted(keyOf(1), inner).backend.compareAndSet('key', undefined, 'text')).toBe(false);
  });

  test('over a record that can not be decrypted is refused, and so is its deletion', async () => {
    const { backend, inner } = openEncrypted();
    await put(backend, 'key', 'text');
    const before = await snapshot(inner);
    const other = openEncrypted(keyOf(2), inner).backend;
    for (const next of ['next', undefined])
      expect(await failureOf(() => other.compareAndSet('key', 'text', next))).toMatchObject({
        code: 'ERR_DECRYPTION',
      });
    expect(await other.compareAndSet('key', undefined, 'next')).toBe(false);
    expect(await snapshot(inner)).toEqual(before);
  });
});

describe('what the inner backend can do', () => {
  test('is passed through, and looked up at each use', async () => {
    const calls: unknown[] = [];
    let locks = false;
    const inner: StorageBackend = {
      ...memoryBackend(),
      name: 'inner',
      scope: 'host',
      persistent: true,
      subscribe: (listener) => (listener('hint'), () => calls.push('unsubscribed')),
      quarantine: (key) => void calls.push(['quarantine', key]),
      close: () => void calls.push('closed'),
    };
    Object.assign(inner, { degraded: true });
    const lease: StorageBackend['lease'] = async (key) => {
      calls.push(['lease', key]);
      return { signal: new AbortController().signal, release: async () => {} };
    };
    Object.defineProperty(inner, 'lease', { get: () => (locks ? lease : undefined) });
    const { backend } = openEncrypted(keyOf(1), inner);
    expect(backend).toMatchObject({ name: 'encrypted inner', scope: 'host', persistent: true });
    expect(backend).toHaveProperty('degraded', true);
    backend.subscribe?.((key) => calls.push(key))();
    await backend.quarantine?.('a');
    expect(backend.lease).toBeUndefined();
    locks = true;
    await backend.lease?.('b', { signal: new AbortController().signal });
    await backend.close?.();
    expect(calls).toEqual(['hint', 'unsubscribed', ['quarantine', 'a'], ['lease', 'b'], 'closed']);
  });

  test('is left out where it can not', () => {
    const { get, compareAndSet, keys } = memoryBackend();
    const bare: StorageBackend = {
      name: 'bare',
      scope: 'context',
      persistent: false,
      get,
      compareAndSet,
      keys,
    };
    const { backend } = openEncrypted(keyOf(1), bare);
    expect([backend.subscribe, backend.lease, backend.quarantine]).toEqual([undefined, undefined, undefined]);
  });

  test('is not asked for anything before the first use', () => {
    const refuse = (): never => expect.fail('used');
    const inner: StorageBackend = { ...memoryBackend(), get: refuse, compareAndSet: refuse, keys: refuse };
    const source: KeySource = { name: 'refusing', open: refuse };
    encryptedBackend(inner, { keys: source });
  });
});

describe('a record in plain text', () => {
  test('is refused, and stays as it is', async () => {
    const { backend, inner } = openEncrypted();
    await put(inner, 'key', '{"access_token":"plain-secret"}');
    const before = await snapshot(inner);
    for (const call of [
      () => backend.get('key'),
      () => backend.compareAndSet('key', '{"access_token":"plain-secret"}', 'next'),
    ]) {
      const error = await failureOf(call);
      expect(error).toMatchObject({ name: 'DecryptionError', code: 'ERR_DECRYPTION', retryable: false });
      expect(error.message).toContain('migrate');
      expect(error.message).not.toContain('plain-secret');
    }
    expect(await snapshot(inner)).toEqual(before);
  });

  test('is taken where it may be, and encrypted with the next write', async () => {
    const inner = memoryBackend();
    await put(inner, 'key', '{"access_token":"plain"}');
    const backend = encryptedBackend(inner, { keys: keyOf(1), plaintext: 'migrate' });
    expect(await backend.get('key')).toBe('{"access_token":"plain"}');
    expect(await stored(inner, 'key')).toBe('{"access_token":"plain"}');
    await put(backend, 'key', '{"access_token":"next"}');
    expect(await stored(inner, 'key')).toMatch(/^eyJ/);
    expect(await backend.get('key')).toBe('{"access_token":"next"}');
  });

  test('is never what is left of an encrypted one', async () => {
    const inner = memoryBackend();
    const backend = encryptedBackend(inner, { keys: keyOf(1), plaintext: 'migrate' });
    await put(backend, 'key', 'text');
    const whole = await stored(inner, 'key');
    const remains = [...Array(whole.length).keys()].map((length) => whole.slice(0, length));
    for (const text of [...remains, `x${whole.slice(1)}`, `${whole.slice(0, 2)}{${whole.slice(3)}`]) {
      await put(inner, 'key', text);
      expect(await failureOf(() => backend.get('key')), text).toMatchObject({ code: 'ERR_DECRYPTION' });
    }
  });
});

describe('what is wrong with the arguments', () => {
  const key = keyOf(1);
  const inner = memoryBackend();
  const open = encryptedBackend as (inner: unknown, options: unknown) => unknown;
  test.each([
    ['no backend', () => open(undefined, { keys: key }), /inner/],
    ['no options', () => open(inner, undefined), /keys/],
    ['no keys', () => open(inner, { keys: [] }), /keys/],
    ['a key that is none', () => open(inner, { keys: [key, {}] }), /keys/],
    ['another way with plain text', () => open(inner, { keys: key, plaintext: 'yes' }), /plaintext/],
    ['itself', () => open(open(inner, { keys: key }), { keys: key }), /encrypts already/],
    [
      'a wrapper around itself',
      () => open(open(open(inner, { keys: key }), { keys: key }), { keys: key }),
      /encrypts already/,
    ],
  ])('%s is a TypeError that says so', (_, call, message) => {
    expect(call).toThrow(TypeError);
    expect(call).toThrow(message);
  });
});
