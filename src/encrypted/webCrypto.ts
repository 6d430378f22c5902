import { KeyMissingError } from '../errors/KeyMissingError.js';
import type { EncryptionKey } from './KeySource.js';

/** The length of a key in bytes: AES-GCM with 256 bits. */
export const keyLength = 32;

/** The Web Crypto API, which pages have on https and on localhost only. */
export function webCrypto(source: string): SubtleCrypto {
  const { subtle } = globalThis.crypto as Partial<Crypto>;
  if (subtle) return subtle;
  throw new KeyMissingError(
    `The key "${source}" can't be used: there is no Web Crypto here. Serve the page by https.`,
  );
}

/** Makes a key of bytes that can't be read from it again. */
export function importKey(source: string, bytes: Uint8Array): Promise<EncryptionKey> {
  return webCrypto(source).importKey('raw', new Uint8Array(bytes), 'AES-GCM', false, ['encrypt', 'decrypt']);
}

/** What tells a value from others and says nothing about it, where it is random: 128 bits of its SHA-256. */
export async function digestOf(source: string, bytes: Uint8Array): Promise<string> {
  const digest = await webCrypto(source).digest('SHA-256', new Uint8Array(bytes));
  return toBase64url(new Uint8Array(digest, 0, 16));
}

/** RFC 4648 §5, without padding. */
export function toBase64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/** The bytes of a text in base64url; throws where it is none. */
export function fromBase64url(text: string): Uint8Array {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
