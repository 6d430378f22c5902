/** The `CryptoKey` of the Web Crypto API, also where the surroundings have no global type of that name. */
export type EncryptionKey = typeof globalThis extends {
  crypto: { subtle: { generateKey(...parameters: never[]): Promise<infer Generated> } };
}
  ? Extract<Generated, { readonly type: string }>
  : { readonly type: string };

/** A key, and the id that records name it by. */
export interface OpenedKey {
  /** Stored in the clear with every record (`kid`). Another key needs another id. */
  readonly id: string;
  /** A key for AES-GCM of 256 bits, for `encrypt` and `decrypt`; best not extractable. */
  readonly key: EncryptionKey;
}

/**
 * Where a key comes from: `browserKey`, `passphraseKey`, `rawKey`, `keychainKey` of `shelflife/keychain`, or one of
 * your own, for a key management service say.
 *
 * @example
 * ```ts
 * const source: KeySource = { name: 'kms', open: async () => ({ id: 'kms-2026', key: await fetchKey() }) };
 * ```
 */
export interface KeySource {
  /** For errors. */
  readonly name: string;
  /**
   * Gives the key, which is then kept for as long as the backend is open. What it rejects with becomes the cause of a
   * `KeyUnavailableError`, and it is asked again at the next use.
   *
   * @param options.create `false`: there are records of an earlier key, so a new one must not be made.
   */
  open(options?: { readonly create?: boolean }): Promise<OpenedKey>;
}
