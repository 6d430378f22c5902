/** What has no digits, no capitals but its first letter or all of them, and no more letters in a row than words have. */
const word = /^([^A-Za-z\d]*[A-Z]?[^A-Z\d]*|[^a-z\d]*)$/;

/**
 * Keeps those parts of a text that are words. A longer run without a space that is none may be a token, whatever it
 * is encoded in: base64, hex, URL-, HTML- and JSON-escapes mix digits or cases sooner or later.
 */
export function wordsOf(text: string): string {
  return text.replaceAll(/\S{12,}/g, (run) =>
    word.test(run) && !/[a-z]{24}/i.test(run) ? run : '[redacted]',
  );
}
