/** What a store keeps for an entry: the record, why a refresh of it was rejected, a damaged record set aside. */
export type StoredKind = '' | '#rejection' | '#damaged';

function encode(text: unknown): string {
  try {
    if (typeof text === 'string') return encodeURIComponent(text);
  } catch {
    // A lone surrogate.
  }
  throw new TypeError(
    'The key of an entry and the option "namespace" must be strings without lone surrogates.',
  );
}

/**
 * The key of the backend for an entry; with the key '', what all of a namespace begin with. `encodeURIComponent`
 * escapes both separators, so no pair of namespace and key can collide with another.
 */
export function storageKey(namespace: string, key: string, kind: StoredKind = ''): string {
  return `${encode(namespace)}${kind}:${encode(key)}`;
}

/** The key of the entry that a key of the backend with this prefix stands for; none for one that is not of ours. */
export function entryKeys(prefix: string, stored: string): string[] {
  try {
    return [decodeURIComponent(stored.slice(prefix.length))];
  } catch {
    return [];
  }
}
