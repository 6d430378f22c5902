/** What a store keeps for an entry: the record, why a refresh of it was rejected, a damaged record set aside. */
export type StoredKind = 'record' | 'rejection' | 'damaged';

// `encodeURIComponent` escapes both separators, so no pair of namespace and key can collide with another.
const separators = { record: ':', rejection: '#rejection:', damaged: '#damaged:' } as const;

function encode(text: string, what: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    throw new TypeError(`The ${what} must be a string of whole Unicode characters, without lone surrogates.`);
  }
}

/** The beginning of all keys of a namespace that keep a kind of thing. */
export function keyPrefix(namespace: string, kind: StoredKind = 'record'): string {
  return encode(namespace, 'option "namespace"') + separators[kind];
}

/** The key of the backend for an entry. */
export function storageKey(namespace: string, key: string, kind?: StoredKind): string {
  if (typeof key !== 'string') throw new TypeError('The key of an entry must be a string.');
  return keyPrefix(namespace, kind) + encode(key, 'key of an entry');
}

/** The key of the entry that a key of the backend with this prefix stands for; `undefined` for one not of ours. */
export function entryKey(prefix: string, stored: string): string | undefined {
  try {
    return decodeURIComponent(stored.slice(prefix.length));
  } catch {
    return undefined;
  }
}
