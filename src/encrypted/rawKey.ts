import type { KeySource } from './KeySource.js';
import { digestOf, importKey, keyLength } from './webCrypto.js';

/**
 * A key that you keep yourself, in a secret manager or an environment variable: 32 random bytes.
 *
 * The id of the key is a digest of it, so the same bytes have the same id everywhere.
 *
 * @throws {TypeError} Where it is not a `Uint8Array` of 32 bytes.
 *
 * @example
 * ```ts
 * const key = rawKey(Buffer.from(process.env.TOKEN_KEY, 'base64'));
 * ```
 */
export function rawKey(bytes: Uint8Array): KeySource {
  if (!(bytes instanceof Uint8Array) || bytes.length !== keyLength) {
    throw new TypeError(`rawKey: \`bytes\` must be a Uint8Array of ${keyLength} bytes.`);
  }
  const name = 'raw';
  // A copy: theirs may be overwritten once it is handed over.
  const own = bytes.slice();
  return {
    name,
    open: async () => ({ id: `${name}:${await digestOf(name, own)}`, key: await importKey(name, own) }),
  };
}
