import { createHash } from 'node:crypto';

const LONGEST_HEX = 160;

/**
 * The name, without extension, of the files of a key.
 *
 * Lower-case hex, so that no key can leave the directory and no two keys meet, whatever the file system makes of
 * case, accents, dots and reserved names. A long key has the name of its hash, and a file beside it that spells it.
 */
export function fileNameOf(key: string): string {
  // Encoded, a lone surrogate would become U+FFFD and meet another key.
  if (/\p{Surrogate}/u.test(key)) throw new TypeError('A key must not contain lone surrogates.');
  const hex = Buffer.from(key, 'utf8').toString('hex');
  return hex.length <= LONGEST_HEX ? `k${hex}` : `h${createHash('sha256').update(key, 'utf8').digest('hex')}`;
}

/** Whether the files of this name belong to a key that is spelled out in a file of its own. */
export function isHashed(name: string): boolean {
  return name.startsWith('h');
}

/** The key that a name spells; `undefined` for names that this package never gives. */
export function spelledKey(name: string): string | undefined {
  if (!/^k(?:[0-9a-f]{2})*$/.test(name)) return undefined;
  const key = Buffer.from(name.slice(1), 'hex').toString('utf8');
  return fileNameOf(key) === name ? key : undefined;
}

/** The name of the value file `<name>.json`; `undefined` for any other file. */
export function valueNameOf(file: string): string | undefined {
  return /^(k(?:[0-9a-f]{2})*|h[0-9a-f]{64})\.json$/.exec(file)?.[1];
}
