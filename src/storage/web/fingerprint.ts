/**
 * A number that stands for a text: two 32-bit hashes (FNV-1a, and its mirror), so that two texts of one key are as
 * good as never taken for the same. It can be computed at once, which a digest of Web Crypto can't, and nobody can
 * make a token of it again.
 */
export function fingerprint(text: string): string {
  let first = 0x811c9dc5;
  let second = 0x9747b28c;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    first = Math.imul(first ^ unit, 0x01000193);
    second = Math.imul(second ^ unit, 0x5bd1e995);
    second ^= second >>> 15;
  }
  return `${(first >>> 0).toString(36)}.${(second >>> 0).toString(36)}`;
}
