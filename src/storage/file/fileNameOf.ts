import { createHash } from 'node:crypto';

const LONGEST = 160;
const LONGEST_HEX = 160;
const READABLE = 'entry-';

/**
 * What stands in a file's name for a character, or an escape, of a key. The store's keys are a namespace and a key
 * of `encodeURIComponent` with a colon between them, so `shelflife:alice%40example.com` is `shelflife,alice@example.com`.
 */
const SIGNS: readonly (readonly [inKey: string, inName: string])[] = [
  [':', ','],
  ['%40', '@'],
  ['%2B', '+'],
];

/**
 * The name, without extension, of the files of a key: readable where that is safe, and never the same for two keys.
 *
 * It has lower-case letters only, no separator, no dot in front and no reserved name, so that no key can leave the
 * directory and no two keys meet, whatever the file system makes of case, accents and dots. A long key has
 * the name of its hash, and a file beside it that spells it.
 */
export function fileNameOf(key: string): string {
  requireWellFormed(key);
  const name = READABLE + key.replaceAll(/%[0-9A-F]{2}|[^a-z0-9._-]/gu, signOf);
  return name.length <= LONGEST ? name : hashOf(key);
}

/** The name that version 0.1.0 gave to the files of a key. */
export function oldFileNameOf(key: string): string {
  requireWellFormed(key);
  const hex = Buffer.from(key, 'utf8').toString('hex');
  return hex.length <= LONGEST_HEX ? `k${hex}` : hashOf(key);
}

/** Whether the files of this name belong to a key that is spelled out in a file of its own. */
export function isHashed(name: string): boolean {
  return /^h[0-9a-f]{64}$/.test(name);
}

/** The key that a name spells; `undefined` for names that this package never gives. */
export function spelledKey(name: string): string | undefined {
  if (/^k(?:[0-9a-f]{2})*$/.test(name)) {
    const key = Buffer.from(name.slice(1), 'hex').toString('utf8');
    return oldFileNameOf(key) === name ? key : undefined;
  }
  if (!name.startsWith(READABLE)) return undefined;
  const bytes = name
    .slice(READABLE.length)
    .replaceAll(
      /%[0-9a-f]{2}|[,@+]/g,
      (sign) => SIGNS.find(([, inName]) => inName === sign)?.[0] ?? sign.toUpperCase(),
    )
    .replaceAll(/=([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  const key = Buffer.from(bytes, 'latin1').toString('utf8');
  return fileNameOf(key) === name ? key : undefined;
}

/** Whether a name is one of this key's: the one of today or the one of version 0.1.0. */
export function isNameOf(name: string, key: string): boolean {
  return fileNameOf(key) === name || oldFileNameOf(key) === name;
}

/** The name of the value file `<name>.json`; `undefined` for any other file. */
export function valueNameOf(file: string): string | undefined {
  const name = file.endsWith('.json') ? file.slice(0, -'.json'.length) : '';
  return isHashed(name) || spelledKey(name) !== undefined ? name : undefined;
}

function signOf(part: string): string {
  const sign = SIGNS.find(([inKey]) => inKey === part)?.[1];
  if (sign !== undefined) return sign;
  if (part.length === 3 && part.startsWith('%')) return part.toLowerCase();
  return Buffer.from(part, 'utf8').toString('hex').replaceAll(/../g, '=$&');
}

function hashOf(key: string): string {
  return `h${createHash('sha256').update(key, 'utf8').digest('hex')}`;
}

function requireWellFormed(key: string): void {
  // Encoded, a lone surrogate would become U+FFFD and meet another key.
  if (/\p{Surrogate}/u.test(key)) throw new TypeError('A key must not contain lone surrogates.');
}
