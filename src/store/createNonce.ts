/**
 * 128 random bits as text. (`crypto.randomUUID` is missing on plain http; React Native has no `crypto` at all.)
 * It tells values apart and guards nothing, so where the host has no good random numbers, others do.
 */
export function createNonce(): string {
  const numbers = new Uint32Array(4);
  const { crypto } = globalThis as { readonly crypto?: Partial<Crypto> };
  if (crypto?.getRandomValues) crypto.getRandomValues(numbers);
  else numbers.forEach((_, index) => (numbers[index] = Math.random() * 2 ** 32));
  return numbers.join('-');
}
