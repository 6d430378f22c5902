/** What every JWE begins with: `{"` in base64url. */
const start = 'eyJ';

/** Five parts, of which the second, the encrypted key, is empty: the key is not sent along. */
const fiveParts = /^[^.{][^.]*\.\.[^.]*\.[^.]*\.[^.]*$/;

/** What the default codec and JSON make of a record. */
const envelope = /^\{(?:"json":\{)?"version":\d+,"revision":"/;

/**
 * Whether a stored text is a record that we encrypted, or what is left of one: neither one character changed nor a piece
 * cut off makes it plain text.
 */
export function looksEncrypted(stored: string): boolean {
  return stored.startsWith(start) || start.startsWith(stored) || fiveParts.test(stored);
}

/** Whether a stored text is surely a record in plain text, in a storage that others may use too. */
export function isPlainRecord(stored: string): boolean {
  return envelope.test(stored);
}
