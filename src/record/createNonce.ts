/** 128 random bits as text. (`crypto.randomUUID` is missing on plain http; this is there.) */
export function createNonce(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join('-');
}
