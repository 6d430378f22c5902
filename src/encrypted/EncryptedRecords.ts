import { DecryptionError } from '../errors/DecryptionError.js';
import type { StorageBackend } from '../storage/StorageBackend.js';
import { KeyRing, type RingKey } from './KeyRing.js';
import type { KeySource } from './KeySource.js';
import { looksEncrypted } from './looksEncrypted.js';
import { passphraseName } from './passphraseKey.js';
import { PlainTexts } from './PlainTexts.js';
import { decryptRecord, encryptRecord, keyIdOfRecord } from './RecordCipher.js';

/** Reads and writes the records of another backend through a cipher. */
export class EncryptedRecords {
  readonly inner: StorageBackend;
  readonly ring: KeyRing;
  readonly takesPlainText: boolean;
  readonly #plain = new PlainTexts();

  constructor(inner: StorageBackend, sources: readonly [KeySource, ...KeySource[]], takesPlainText: boolean) {
    this.inner = inner;
    this.ring = new KeyRing(sources);
    this.takesPlainText = takesPlainText;
  }

  async read(key: string): Promise<string | undefined> {
    return this.decrypt(key, await this.inner.get(key));
  }

  /** The plain text of what is stored under a key. */
  async decrypt(key: string, stored: string | undefined): Promise<string | undefined> {
    if (stored === undefined) {
      this.#plain.forget(key);
      return undefined;
    }
    if (!looksEncrypted(stored)) {
      if (this.takesPlainText) return stored;
      throw new DecryptionError(
        "The record is not encrypted, so it was refused and left as it is. Pass `plaintext: 'migrate'` to take it.",
      );
    }
    const known = this.#plain.get(key);
    if (known?.stored === stored) return known.text;
    const text = await decryptRecord(key, stored, this.ring);
    this.#plain.keep(key, stored, text);
    return text;
  }

  async compareAndSet(key: string, expected: string | undefined, next: string | undefined): Promise<boolean> {
    const encrypted = next === undefined ? undefined : await this.encrypt(key, next);
    // Mostly what was read last is still there, and the comparison of the inner backend says so.
    const known = this.#plain.get(key);
    let stored = known?.text === expected ? known?.stored : undefined;
    if (expected !== undefined && stored === undefined) {
      stored = await this.inner.get(key);
      if (stored === undefined || (await this.decrypt(key, stored)) !== expected) return false;
    }
    while (!(await this.inner.compareAndSet(key, stored, encrypted))) {
      const before = stored;
      stored = expected === undefined ? undefined : await this.inner.get(key);
      // The same text in another ciphertext is the expected one still: it was given another key.
      if (stored === before || (await this.decrypt(key, stored)) !== expected) return false;
    }
    if (next === undefined || encrypted === undefined) this.#plain.forget(key);
    else this.#plain.keep(key, encrypted, next);
    return true;
  }

  async encrypt(key: string, text: string): Promise<string> {
    return encryptRecord(key, text, await this.writingKey());
  }

  /** The key to write with. One of a passphrase has to open what was written with it before, if anything was. */
  async writingKey(): Promise<RingKey> {
    const key = await this.ring.forWriting(() => this.#stored());
    if (key.source.name !== passphraseName || key.isProven) return key;
    let failure: unknown;
    for await (const { storageKey, stored, id } of this.#stored()) {
      if (id !== key.id) continue;
      try {
        await decryptRecord(storageKey, stored, this.ring);
        failure = undefined;
        break;
      } catch (error) {
        failure = error;
      }
    }
    if (failure) throw failure;
    key.isProven = true;
    return key;
  }

  clear(): void {
    this.#plain.clear();
    this.ring.clear();
  }

  /** The encrypted records there are, with the ids of their keys. */
  async *#stored(): AsyncIterable<{ storageKey: string; stored: string; id: string }> {
    for await (const storageKey of await this.inner.keys('')) {
      const stored = await this.inner.get(storageKey);
      const id = stored !== undefined && looksEncrypted(stored) && (await keyIdOfRecord(stored));
      if (id) yield { storageKey, stored, id };
    }
  }
}
