import type { Progress } from '../storage/Progress.js';
import type { StorageBackend } from '../storage/StorageBackend.js';
import { EncryptedRecords } from './EncryptedRecords.js';
import type { KeySource } from './KeySource.js';
import { rotateRecords, type RotateOptions } from './rotateRecords.js';

/** Options of `encryptedBackend`. */
export interface EncryptedBackendOptions {
  /** The first key writes, all of them read. */
  readonly keys: KeySource | readonly [KeySource, ...KeySource[]];
  /** What to do with a record in plain text: refuse it (default), or take it and encrypt it with the next write. */
  readonly plaintext?: 'refuse' | 'migrate';
}

/** A backend whose records are encrypted in another one. */
export interface EncryptedBackend extends StorageBackend {
  /**
   * Encrypts with the first key what another one wrote. With `plaintext: 'migrate'`, also records in plain text, where
   * they are surely ours: those of the default codec, or of JSON.
   *
   * What can't be decrypted stays as it is, and is named in `failed`. It can be stopped at any record, and called again:
   * nothing is lost, and what is done is not done again. Rejects with the signal's reason where that stops it, and
   * with `KeyUnavailableError` where the first key can't be had. A damaged copy that the inner backend set aside
   * keeps its key.
   */
  rotate(options?: RotateOptions): Promise<Progress>;
}

/** Marks what encrypts, in every copy of the package; beyond a wrapper, `inner` says what it wraps. */
const mark = Symbol.for('shelflife.encrypted');

/**
 * Encrypts the records of another backend: JWE in compact serialization (RFC 7516), `dir` with `A256GCM`, so that any
 * JOSE tool with the key can read them. Needs the package `jose`.
 *
 * The header binds a record to its storage key: under another one it is refused. What the inner backend can do (leases,
 * hints, copies of damaged records) is passed through, and what the store keeps beside the records is encrypted too.
 * Storage keys, the sizes of records and the times of writes are not hidden, and who can write the storage can put back
 * an older record of the same key.
 *
 * Nothing is opened before the first use. Methods reject with `KeyUnavailableError` where a key can't be had, and with
 * `DecryptionError` where no key opens a record or it was altered; such a record is never overwritten or deleted.
 *
 * @throws {TypeError} Where an option is of the wrong type, or `inner` encrypts already.
 *
 * @example
 * ```ts
 * const storage = encryptedBackend(indexedDBBackend(), { keys: browserKey() });
 * ```
 */
export function encryptedBackend(inner: StorageBackend, options: EncryptedBackendOptions): EncryptedBackend {
  if (!hasMethods(inner, ['get', 'compareAndSet', 'keys']))
    throw new TypeError('encryptedBackend: `inner` must be a storage backend.');
  if (mark in inner)
    throw new TypeError('encryptedBackend: `inner` encrypts already. Pass several keys in `keys` instead.');
  const { keys, plaintext = 'refuse' } = options ?? {};
  const records = new EncryptedRecords(inner, checkKeys(keys), checkPlaintext(plaintext) === 'migrate');

  const backend: EncryptedBackend = {
    get name() {
      return `encrypted ${inner.name}`;
    },
    get scope() {
      return inner.scope;
    },
    get persistent() {
      return inner.persistent;
    },
    get: (key) => records.read(key),
    compareAndSet: (key, expected, next) => records.compareAndSet(key, expected, next),
    keys: (prefix) => inner.keys(prefix),
    rotate: async (rotation = {}) => rotateRecords(records, rotation),
    close: () => {
      records.clear();
      return inner.close?.();
    },
  };
  Object.defineProperty(backend, mark, { value: true });
  // Looked up at each use: a backend may find out late what it can do, and whether it works as it was asked to.
  Object.defineProperty(backend, 'degraded', { get: () => inner.degraded, enumerable: true });
  for (const method of ['subscribe', 'lease', 'quarantine'] as const) {
    const get = (): unknown => (inner[method] as ((...all: never[]) => unknown) | undefined)?.bind(inner);
    Object.defineProperty(backend, method, { get, enumerable: true });
  }
  return backend;
}

function checkKeys(keys: unknown): readonly [KeySource, ...KeySource[]] {
  const [first, ...others] = (Array.isArray(keys) ? keys : [keys]) as (KeySource | undefined)[];
  const sources = [first, ...others].filter((source) => hasMethods(source, ['open']));
  if (!first || sources.length !== others.length + 1)
    throw new TypeError('encryptedBackend: `keys` must be a key source, or a list of one or more.');
  return sources as [KeySource, ...KeySource[]];
}

function checkPlaintext(plaintext: unknown): unknown {
  if (plaintext === 'refuse' || plaintext === 'migrate') return plaintext;
  throw new TypeError("encryptedBackend: `plaintext` must be 'refuse' or 'migrate'.");
}

function hasMethods(value: unknown, methods: readonly string[]): boolean {
  const object = value as Readonly<Record<string, unknown>> | null | undefined;
  return methods.every((method) => typeof object?.[method] === 'function');
}
