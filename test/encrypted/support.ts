import {
  encryptedBackend,
  rawKey,
  type EncryptedBackend,
  type KeySource,
} from '../../src/encrypted/index.js';
import { memoryBackend, type ShelflifeError, type StorageBackend } from '../../src/index.js';

/** A key of bytes that are all the same: another number, another key. */
export function keyOf(byte: number): KeySource {
  return rawKey(new Uint8Array(32).fill(byte));
}

/** The error that a call ends with. */
export async function failureOf(call: () => unknown): Promise<ShelflifeError> {
  let result: unknown;
  try {
    result = await call();
  } catch (error) {
    return error as ShelflifeError;
  }
  throw new Error(`Expected a failure, got ${String(result)}.`);
}

/** An encrypted backend in memory, with the backend that it encrypts. */
export function openEncrypted(
  keys: KeySource | readonly [KeySource, ...KeySource[]] = keyOf(1),
  inner: StorageBackend = memoryBackend(),
): { readonly backend: EncryptedBackend; readonly inner: StorageBackend } {
  return { backend: encryptedBackend(inner, { keys }), inner };
}

/** Writes what nobody else writes meanwhile. */
export async function put(backend: StorageBackend, key: string, next: string | undefined): Promise<void> {
  if (!(await backend.compareAndSet(key, await backend.get(key), next))) throw new Error('It lost.');
}

/** What is stored under a key, which is there. */
export async function stored(backend: StorageBackend, key: string): Promise<string> {
  const text = await backend.get(key);
  if (text === undefined) throw new Error('Nothing is stored.');
  return text;
}

/** All that is stored, by key. */
export async function snapshot(backend: StorageBackend): Promise<Record<string, string>> {
  const all: Record<string, string> = {};
  for await (const key of await backend.keys('')) all[key] = await stored(backend, key);
  return all;
}
