import type { Progress } from '../storage/Progress.js';
import type { EncryptedRecords } from './EncryptedRecords.js';
import type { RingKey } from './KeyRing.js';
import { isPlainRecord, looksEncrypted } from './looksEncrypted.js';
import { encryptRecord, keyIdOfRecord } from './RecordCipher.js';

/** How often a record that others change meanwhile is tried. */
const tries = 100;

/** What `rotate()` is told. */
export interface RotateOptions {
  /** Called after each record. */
  readonly onProgress?: (progress: Progress) => void;
  /** Stops between two records. */
  readonly signal?: AbortSignal;
}

/** Encrypts what another key wrote with the first one. Where it stands is told by the records themselves. */
export async function rotateRecords(
  records: EncryptedRecords,
  { onProgress, signal }: RotateOptions,
): Promise<Progress> {
  signal?.throwIfAborted();
  const keys: string[] = [];
  for await (const key of await records.inner.keys('')) {
    const stored = await records.inner.get(key);
    if (stored !== undefined && isOurs(records, stored)) keys.push(key);
  }
  const failed: string[] = [];
  let progress: Progress = { done: 0, total: keys.length, failed };
  if (keys.length === 0) return progress;
  const first = await records.writingKey();
  for (const key of keys) {
    signal?.throwIfAborted();
    const isRotated = await rotateRecord(records, key, first);
    if (!isRotated) failed.push(key);
    progress = { done: progress.done + (isRotated ? 1 : 0), total: keys.length, failed: [...failed] };
    onProgress?.(progress);
  }
  return progress;
}

/** Others may keep other things in the same storage. */
function isOurs({ takesPlainText }: EncryptedRecords, stored: string): boolean {
  return looksEncrypted(stored) || (takesPlainText && isPlainRecord(stored));
}

async function rotateRecord(records: EncryptedRecords, key: string, first: RingKey): Promise<boolean> {
  const { inner } = records;
  for (let count = 0; count < tries; count += 1) {
    const stored = await inner.get(key);
    if (stored === undefined) return true;
    try {
      const text = await records.decrypt(key, stored);
      if (looksEncrypted(stored) && (await keyIdOfRecord(stored)) === first.id) return true;
      if (await inner.compareAndSet(key, stored, await encryptRecord(key, text!, first))) return true;
    } catch {
      // Whichever key it needs, or whatever is wrong with it: it stays as it is, and is named.
      return false;
    }
  }
  return false;
}
