import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CompactEncrypt } from 'jose';
import { afterEach, describe, expect, test } from 'vitest';
import { encryptedBackend, rawKey } from '../../src/encrypted/index.js';
import { memoryBackend } from '../../src/index.js';
import { fileBackend } from '../../src/storage/file.js';
import { failureOf, keyOf, openEncrypted, put, stored } from './support.js';

const secret = 'secret-of-the-record';

/** A record of its own, and what reading it gives after something was done to the ciphertext. */
async function openTampered(): Promise<(text: string) => Promise<unknown>> {
  const { backend, inner } = openEncrypted();
  await put(backend, 'key', secret);
  return async (text) => {
    await put(inner, 'key', text);
    // A backend of its own each time: what it decrypted before must not help.
    return failureOf(() => openEncrypted(keyOf(1), inner).backend.get('key'));
  };
}

async function ciphertext(key = 'key', text = secret): Promise<string> {
  const { backend, inner } = openEncrypted();
  await put(backend, key, text);
  return stored(inner, key);
}

const refused: unknown = expect.objectContaining({ name: 'DecryptionError', code: 'ERR_DECRYPTION' });

describe('a ciphertext', () => {
  test('is refused with any single bit of its parts flipped', async () => {
    const read = await openTampered();
    const parts = (await ciphertext()).split('.');
    for (const [index, part] of parts.entries()) {
      const bytes = Buffer.from(part, 'base64url');
      for (let bit = 0; bit < bytes.length * 8; bit += 1) {
        const flipped = Buffer.from(bytes);
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const text = parts.with(index, flipped.toString('base64url')).join('.');
        expect(await read(text), `bit ${bit} of part ${index}`).toEqual(refused);
      }
    }
  });

  test('is refused, or the same bytes still, with any bit of its text flipped', async () => {
    const { backend, inner } = openEncrypted();
    await put(backend, 'key', secret);
    const whole = await stored(inner, 'key');
    for (let bit = 0; bit < whole.length * 7; bit += 1) {
      const index = Math.floor(bit / 7);
      const character = String.fromCharCode(whole.charCodeAt(index) ^ (1 << (bit % 7)));
      await put(inner, 'key', whole.slice(0, index) + character + whole.slice(index + 1));
      // The last character of a part in base64url has bits that mean nothing.
      const answer = await Promise.resolve(openEncrypted(keyOf(1), inner).backend.get('key')).catch(
        (error: unknown) => error,
      );
      if (answer !== secret) expect(answer, `bit ${bit}`).toEqual(refused);
      else expect(/[.]|$/.test(whole.charAt(index + 1))).toBe(true);
    }
  });

  test('is refused cut short anywhere, and with more behind it', async () => {
    const read = await openTampered();
    const whole = await ciphertext();
    for (let length = 0; length < whole.length; length += 1)
      expect(await read(whole.slice(0, length)), `${length} characters`).toEqual(refused);
    for (const more of ['A', '.', whole]) expect(await read(whole + more)).toEqual(refused);
  });

  test('is refused under another key: two records swapped, and an older one replayed', async () => {
    const { backend, inner } = openEncrypted();
    await put(backend, 'jane', 'old of jane');
    const old = await stored(inner, 'jane');
    await put(backend, 'jane', 'of jane');
    await put(backend, 'joe', 'of joe');
    const [jane, joe] = [await stored(inner, 'jane'), await stored(inner, 'joe')];
    await put(inner, 'jane', joe);
    await put(inner, 'joe', jane);
    for (const key of ['jane', 'joe']) expect(await failureOf(() => backend.get(key))).toEqual(refused);
    await put(inner, 'joe', old);
    expect(await failureOf(() => backend.get('joe'))).toEqual(refused);
    await put(inner, 'jane', jane);
    expect(await backend.get('jane')).toBe('of jane');
  });

  test('is refused where a part of another one is put into it', async () => {
    const read = await openTampered();
    const [one, other] = [(await ciphertext()).split('.'), (await ciphertext()).split('.')];
    for (const index of [2, 3, 4])
      expect(await read(one.with(index, other[index] ?? '').join('.'))).toEqual(refused);
  });

  test('of another algorithm is refused, though the key is right', async () => {
    const bytes = new Uint8Array(32).fill(1);
    const read = await openTampered();
    const { id } = await keyOf(1).open();
    const text = new TextEncoder().encode(secret);
    const wrapped = new CompactEncrypt(text).setProtectedHeader({
      alg: 'A256KW',
      enc: 'A256GCM',
      kid: id,
      storage_key: 'key',
    });
    expect(await read(await wrapped.encrypt(bytes))).toEqual(refused);
    const otherMode = new CompactEncrypt(text).setProtectedHeader({
      alg: 'dir',
      enc: 'A128CBC-HS256',
      kid: id,
      storage_key: 'key',
    });
    expect(await read(await otherMode.encrypt(bytes))).toEqual(refused);
  });

  test('with the right key and without a storage key is refused', async () => {
    const read = await openTampered();
    const { id } = await keyOf(1).open();
    const header = { alg: 'dir', enc: 'A256GCM', kid: id };
    const jwe = new CompactEncrypt(new TextEncoder().encode(secret)).setProtectedHeader(header);
    expect(await read(await jwe.encrypt(new Uint8Array(32).fill(1)))).toEqual(refused);
  });

  test('of a key that is not among the keys is refused with a message of its own', async () => {
    const { backend, inner } = openEncrypted(keyOf(2));
    await put(backend, 'key', secret);
    const error = await failureOf(() => openEncrypted(keyOf(1), inner).backend.get('key'));
    expect(error).toEqual(refused);
    expect(error.message).toContain('not among `keys`');
  });

  test.each([
    '',
    'eyJ',
    'eyJhbGciOiJkaXIifQ....',
    'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA',
    'eyJfX3Byb3RvX18iOnsieCI6MX0sImFsZyI6ImRpciIsImVuYyI6IkEyNTZHQ00iLCJraWQiOnt9fQ..A.A.A',
  ])('that is none (%j) is refused', async (text) => {
    expect(await (await openTampered())(text)).toEqual(refused);
  });

  test('never has the initialization vector of another one', async () => {
    const writes = process.env['SOAK'] ? 100_000 : 20_000;
    const vectors = new Set<string>();
    const values = memoryBackend();
    const inner = {
      ...values,
      compareAndSet(key: string, expected: string | undefined, next: string | undefined) {
        vectors.add(next?.split('.')[2] ?? '');
        return values.compareAndSet(key, expected, next);
      },
    };
    const backend = encryptedBackend(inner, { keys: keyOf(1) });
    for (let count = 0; count < writes; count += 100)
      await Promise.all(
        Array.from({ length: 100 }, (_, key) =>
          backend.compareAndSet(`${key}`, count ? `${count - 100}` : undefined, `${count}`),
        ),
      );
    expect(vectors.size).toBe(writes);
  }, 600_000);
});

describe('a secret', () => {
  let directory: string | undefined;
  afterEach(async () => {
    if (directory) await rm(directory, { recursive: true, force: true });
  });

  test('is in no file: neither the record nor the key, in any spelling', async () => {
    directory = await mkdtemp(join(tmpdir(), 'shelflife-encrypted-'));
    const bytes = crypto.getRandomValues(new Uint8Array(32));
    const backend = encryptedBackend(fileBackend({ directory: join(directory, 'files') }), {
      keys: rawKey(bytes),
    });
    await put(backend, 'key', secret);
    await backend.quarantine?.('key');
    await put(backend, 'key', `${secret} again`);
    const files = await readdir(directory, { recursive: true, withFileTypes: true });
    const contents = await Promise.all(
      files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name))),
    );
    expect(contents.length).toBeGreaterThan(1);
    const key = Buffer.from(bytes);
    for (const content of contents) {
      for (const spelling of ['latin1', 'hex', 'base64', 'base64url'] as const)
        expect(content.includes(key.toString(spelling), 0, 'latin1')).toBe(false);
      expect(content.includes(secret)).toBe(false);
      expect(content.includes(Buffer.from(secret).toString('base64url').slice(0, -2))).toBe(false);
    }
    await backend.close?.();
  });
});
