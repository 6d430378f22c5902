/**
 * 128 random bits as text. (`crypto.randomUUID` is missing on plain http; `crypto.getRandomValues` only where there is
 * no `crypto` at all, as in React Native. A nonce has to be unlike any other, and not to be secret.)
 */
export function createNonce(): string {
  const words = new Uint32Array(4);
  const { crypto } = globalThis as { readonly crypto?: Partial<Crypto> };
  if (crypto?.getRandomValues) crypto.getRandomValues(words);
  else words.forEach((_, index) => (words[index] = Math.random() * 2 ** 32));
  return words.join('-');
}
