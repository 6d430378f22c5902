import type { JWEHeaderParameters } from 'jose';
import { DecryptionError } from '../errors/DecryptionError.js';
import { MissingPackageError, missingPackage } from '../errors/MissingPackageError.js';
import type { KeyRing, RingKey } from './KeyRing.js';
import { passphraseName } from './passphraseKey.js';

/** RFC 7518 §4.5 and §5.3: the key encrypts the record itself, with an initialization vector of its own each time. */
const algorithms = { alg: 'dir', enc: 'A256GCM' };

/** RFC 8259: a byte order mark is a character like any other here, and what is no UTF-8 is damage. */
const utf8 = { fatal: true, ignoreBOM: true };

type Jose = typeof import('jose');
let loading: Promise<Jose> | undefined;

/** Loaded at the first use: it is the user's to install. */
function loadJose(): Promise<Jose> {
  loading ??= import('jose').catch((cause: unknown) => {
    loading = undefined;
    throw new MissingPackageError(missingPackage('shelflife/encrypted', 'jose'), { cause });
  });
  return loading;
}

/** Encrypts a text as a JWE in compact serialization (RFC 7516 §7.1), bound to its storage key by the header. */
export async function encryptRecord(storageKey: string, text: string, { id, key }: RingKey): Promise<string> {
  if (/\p{Surrogate}/u.test(text))
    throw new TypeError('A text with a lone surrogate can not be encrypted: it is no Unicode.');
  const { CompactEncrypt } = await loadJose();
  return new CompactEncrypt(new TextEncoder().encode(text))
    .setProtectedHeader({ ...algorithms, kid: id, storage_key: storageKey })
    .encrypt(key);
}

/** Decrypts what `encryptRecord` made under this very storage key. */
export async function decryptRecord(storageKey: string, stored: string, ring: KeyRing): Promise<string> {
  const { compactDecrypt } = await loadJose();
  let opened: RingKey | undefined;
  let noKey: unknown;
  const findKey = async (header: JWEHeaderParameters): Promise<CryptoKey> => {
    try {
      opened = await ring.withId(keyIdOf(header));
      return opened.key;
    } catch (error) {
      noKey = error;
      throw error;
    }
  };
  try {
    const { plaintext, protectedHeader } = await compactDecrypt(stored, findKey, {
      keyManagementAlgorithms: [algorithms.alg],
      contentEncryptionAlgorithms: [algorithms.enc],
    });
    opened!.isProven = true;
    if (protectedHeader['storage_key'] === storageKey)
      return new TextDecoder('utf-8', utf8).decode(plaintext);
  } catch {
    if (noKey) throw noKey;
    if (opened) ring.forget(opened);
    // No cause: what is told of a text that can't be parsed may quote it.
    throw new DecryptionError(
      opened?.source.name === passphraseName && !opened.isProven
        ? 'The record can not be decrypted: the passphrase is wrong, or the record was altered. It was left as it is.'
        : 'The record can not be decrypted: it was altered. It was left as it is.',
    );
  }
  throw new DecryptionError(
    'The record was encrypted for another storage key, and moved or copied here. It was left as it is.',
  );
}

/** The id of the key that a record says it was encrypted with: not to be trusted before it is decrypted. */
export async function keyIdOfRecord(stored: string): Promise<string | undefined> {
  const { decodeProtectedHeader } = await loadJose();
  try {
    return keyIdOf(decodeProtectedHeader(stored));
  } catch {
    return undefined;
  }
}

function keyIdOf({ kid }: JWEHeaderParameters): string {
  return typeof kid === 'string' ? kid : '';
}
