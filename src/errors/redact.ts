/** How much of a secret is looked for in other spellings, in characters: hosts refuse patterns of megabytes. */
const longestPattern = 200;

/**
 * Replaces every secret of eight characters and more in a text: as it is, URL-encoded in any of the ways in use
 * (RFC 3986, forms, either case), or escaped as in JSON.
 */
export function redact(text: string, secrets: readonly string[]): string {
  // The longest first: one may begin another, whose rest would stay.
  const long = [...new Set(secrets)]
    .filter((secret) => secret.length >= 8 && mayContain(text, secret))
    .sort((left, right) => right.length - left.length);
  for (const secret of long) {
    const start = secret.slice(0, longestPattern);
    const rest = start === secret ? '' : '\\S*';
    const pattern = new RegExp(Array.from(start, spellings).join('') + rest, 'gi');
    text = text.replaceAll(secret, '[redacted]').replaceAll(pattern, '[redacted]');
  }
  return text;
}

/** Whether a text may contain a secret: letters and digits are the same in all spellings. Most texts contain none. */
function mayContain(text: string, secret: string): boolean {
  const [first] = /[a-z\d]{3,}/i.exec(secret.slice(0, longestPattern)) ?? [''];
  return text.includes(first);
}

/** A pattern for a character in all its spellings. */
function spellings(character: string): string {
  if (/\w/.test(character)) return character;
  const bytes = Array.from(new TextEncoder().encode(character), (byte) => byte.toString(16).padStart(2, '0'));
  const code = character.charCodeAt(0).toString(16).padStart(4, '0');
  const space = character === ' ' ? '|\\+' : '';
  return `(?:\\\\?\\${character}|%${bytes.join('%')}|\\\\u${code}${space})`;
}
