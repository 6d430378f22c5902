import { describe, expect, test } from 'vitest';
import { encryptedBackend, type Progress } from '../../src/encrypted/index.js';
import { createCredentialStore, memoryBackend, type StorageBackend } from '../../src/index.js';
import { failureOf, keyOf, openEncrypted, put, snapshot, stored } from './support.js';

/** Records of the first key, and a backend that writes with the second. */
async function openRotation(count: number, inner: StorageBackend = memoryBackend()) {
  const { backend: old } = openEncrypted(keyOf(1), inner);
  for (let index = 0; index < count; index += 1) await put(old, `key ${index}`, `text ${index}`);
  return { inner, old, rotated: encryptedBackend(inner, { keys: [keyOf(2), keyOf(1)] }) };
}

describe('rotate', () => {
  test('encrypts with the first key what another one wrote, and tells each step', async () => {
    const { inner, rotated } = await openRotation(5);
    await put(rotated, 'newer', 'text of the first key');
    const steps: Progress[] = [];
    const end = await rotated.rotate({ onProgress: (progress) => steps.push(progress) });
    expect(end).toEqual({ done: 6, total: 6, failed: [] });
    expect(steps.map(({ done }) => done)).toEqual([1, 2, 3, 4, 5, 6]);
    const { backend } = openEncrypted(keyOf(2), inner);
    for (let index = 0; index < 5; index += 1)
      expect(await backend.get(`key ${index}`)).toBe(`text ${index}`);
    expect(await backend.get('newer')).toBe('text of the first key');
  });

  test('leaves what has the first key already as it is', async () => {
    const { inner, rotated } = await openRotation(3);
    await rotated.rotate();
    const before = await snapshot(inner);
    expect(await rotated.rotate()).toEqual({ done: 3, total: 3, failed: [] });
    expect(await snapshot(inner)).toEqual(before);
  });

  test('stopped after any record loses nothing, and goes on where it was', async () => {
    for (let stop = 1; stop <= 4; stop += 1) {
      const { inner, rotated } = await openRotation(4);
      const controller = new AbortController();
      const reason = new Error('enough');
      const stopped = await rotated
        .rotate({
          signal: controller.signal,
          onProgress: ({ done }) => done === stop && controller.abort(reason),
        })
        .catch((error: unknown) => error);
      if (stop < 4) expect(stopped).toBe(reason);
      const again = encryptedBackend(inner, { keys: [keyOf(2), keyOf(1)] });
      for (let index = 0; index < 4; index += 1)
        expect(await again.get(`key ${index}`)).toBe(`text ${index}`);
      expect(await again.rotate()).toEqual({ done: 4, total: 4, failed: [] });
      expect(await openEncrypted(keyOf(2), inner).backend.get('key 3')).toBe('text 3');
    }
  });

  test('with a signal that is aborted already touches nothing', async () => {
    const { inner, rotated } = await openRotation(1);
    const before = await snapshot(inner);
    expect(await failureOf(() => rotated.rotate({ signal: AbortSignal.abort() }))).toMatchObject({
      name: 'AbortError',
    });
    expect(await snapshot(inner)).toEqual(before);
  });

  test('names what it could not decrypt, leaves it as it is, and does the rest', async () => {
    const { inner, rotated } = await openRotation(2);
    await put(openEncrypted(keyOf(3), inner).backend, 'of another key', 'text');
    await put(inner, 'cut short', (await stored(inner, 'key 0')).slice(0, 50));
    const before = await snapshot(inner);
    const { done, total, failed } = await rotated.rotate();
    expect({ done, total, failed: failed.toSorted() }).toEqual({
      done: 2,
      total: 4,
      failed: ['cut short', 'of another key'],
    });
    for (const key of failed) expect(await stored(inner, key)).toBe(before[key]);
  });

  test('leaves alone what others keep in the same storage', async () => {
    const inner = memoryBackend();
    await put(inner, 'theme', 'dark');
    await put(inner, 'oidc.user', '{"access_token":"of another library"}');
    const before = await snapshot(inner);
    for (const plaintext of ['refuse', 'migrate'] as const)
      expect(await encryptedBackend(inner, { keys: keyOf(1), plaintext }).rotate()).toEqual({
        done: 0,
        total: 0,
        failed: [],
      });
    expect(await snapshot(inner)).toEqual(before);
  });

  test('encrypts records in plain text where it may take them', async () => {
    const inner = memoryBackend();
    await createCredentialStore({ storage: inner }).entry().set({ access_token: 'a', expires_in: null });
    const storage = encryptedBackend(inner, { keys: keyOf(1), plaintext: 'migrate' });
    expect(await storage.rotate()).toEqual({ done: 1, total: 1, failed: [] });
    expect(Object.values(await snapshot(inner))).toEqual([expect.stringMatching(/^eyJ/)]);
    const strict = encryptedBackend(inner, { keys: keyOf(1) });
    expect(await createCredentialStore({ storage: strict }).entry().getAccessToken()).toBe('a');
  });

  test('loses no write that others make meanwhile', async () => {
    const { inner, old, rotated } = await openRotation(20);
    const writer = async (): Promise<void> => {
      for (let count = 0; count < 60; count += 1) {
        const key = `key ${count % 20}`;
        for (;;) {
          const text = await Promise.resolve(old.get(key)).catch(() => undefined);
          // Once it is rotated, the old key can't read it any more.
          if (text === undefined || (await old.compareAndSet(key, text, `${text}+`))) break;
        }
      }
    };
    const other = encryptedBackend(inner, { keys: [keyOf(1), keyOf(2)] });
    const increments = Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        for (let count = 0; count < 5;) {
          const text = (await other.get(`key ${index}`)) ?? '';
          if (await other.compareAndSet(`key ${index}`, text, `${text}!`)) count += 1;
        }
      }),
    );
    await Promise.all([rotated.rotate(), increments, writer()]);
    for (let index = 0; index < 20; index += 1)
      expect((await rotated.get(`key ${index}`))?.match(/!/g)).toHaveLength(5);
  });

  test('without the first key changes nothing and says so', async () => {
    const { inner } = await openRotation(2);
    const before = await snapshot(inner);
    const locked = { name: 'locked', open: () => Promise.reject(new Error('locked')) };
    const error = await failureOf(() => encryptedBackend(inner, { keys: [locked, keyOf(1)] }).rotate());
    expect(error).toMatchObject({ name: 'KeyUnavailableError', retryable: true });
    expect(await snapshot(inner)).toEqual(before);
  });
});
