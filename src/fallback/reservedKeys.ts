/** Begins the keys that a fallback keeps in its layers. A store's keys never begin like this. */
const reserved = '#fallback-';
const held = `${reserved}held:`;

/** Under this key a lower layer remembers that a higher one holds the record of a key. */
export function heldKey(key: string): string {
  return held + key;
}

/** A key that nobody else uses, to try a layer with. */
export function probeKey(nonce: string): string {
  return `${reserved}probe:${nonce}`;
}

export function isReserved(key: string): boolean {
  return key.startsWith(reserved);
}

/** Begins what stands in the place of a record for as long as it is moved there. */
const claim = '#fallback-claim:';

/**
 * What holds the place of a record while it is moved up. Whoever deletes the record meanwhile removes the claim,
 * and the move comes to nothing.
 */
export function claimOf(nonce: string): string {
  return claim + nonce;
}

export function isClaim(value: string | undefined): boolean {
  return value?.startsWith(claim) ?? false;
}
