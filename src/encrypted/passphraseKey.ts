import { KeyUnavailableError } from '../errors/KeyUnavailableError.js';
import { saltLength } from './createSalt.js';
import type { KeySource } from './KeySource.js';
import { digestOf, webCrypto } from './webCrypto.js';

/** OWASP's figure for PBKDF2 with HMAC-SHA-256 (Password Storage Cheat Sheet, 2023 and since). */
const recommendedIterations = 600_000;
/** NIST SP 800-132 §5.2. */
const fewestIterations = 1000;

/** The name of these sources: where their key fails, the passphrase may be wrong. */
export const passphraseName = 'passphrase';

/**
 * A key that is derived from a passphrase, by PBKDF2 with HMAC-SHA-256, once for each backend that is opened.
 *
 * A function is asked for the passphrase at the first use, and asked again where what it gave opened no record. The
 * iterations and a digest of the salt are the id of the key, so that both can be changed: put the new source before the
 * old one, and call `rotate()`.
 *
 * @param options.salt At least 16 bytes, of `createSalt()`.
 * @param options.iterations Default is 600,000, OWASP's figure.
 *
 * @throws {TypeError} Where an argument is of the wrong type or too short.
 *
 * @example
 * ```ts
 * const key = passphraseKey(() => askForPassphrase(), { salt: await readFile('salt') });
 * ```
 */
export function passphraseKey(
  passphrase: string | (() => string | Promise<string>),
  options: { readonly salt: Uint8Array; readonly iterations?: number },
): KeySource {
  const name = passphraseName;
  const { salt, iterations = recommendedIterations } = options ?? {};
  if (passphrase === '' || !/^(string|function)$/.test(typeof passphrase))
    throw new TypeError('passphraseKey: `passphrase` must be a string that is not empty, or a function.');
  if (!(salt instanceof Uint8Array) || salt.length < saltLength)
    throw new TypeError(`passphraseKey: \`salt\` must be a Uint8Array of at least ${saltLength} bytes.`);
  if (!Number.isInteger(iterations) || iterations < fewestIterations)
    throw new TypeError(`passphraseKey: \`iterations\` must be a whole number from ${fewestIterations}.`);
  const ownSalt = new Uint8Array(salt);

  return {
    name,
    async open() {
      const given: unknown = typeof passphrase === 'function' ? await passphrase() : passphrase;
      if (typeof given !== 'string' || given === '')
        throw new KeyUnavailableError(
          'No passphrase was given: the function must give one that is not empty.',
        );
      const subtle = webCrypto(name);
      // The same letters may be composed on one system and decomposed on another (RFC 8265 §4.2.2).
      const bytes = new TextEncoder().encode(given.normalize('NFC'));
      const base = await subtle.importKey('raw', bytes, 'PBKDF2', false, ['deriveKey']);
      const key = await subtle.deriveKey(
        { name: 'PBKDF2', hash: 'SHA-256', salt: ownSalt, iterations },
        base,
        { name: 'AES-GCM', length: 256 },
        false,
        ['encrypt', 'decrypt'],
      );
      return { id: `pbkdf2-sha256:${iterations}:${await digestOf(name, ownSalt)}`, key };
    },
  };
}
