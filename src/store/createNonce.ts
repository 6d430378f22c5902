/** 128 random bits as text. (`crypto.randomUUID` is missing on plain http; this is there.) */
export function createNonce(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (word) =>
    word.toString(36).padStart(7, '0'),
  ).join('');
}
