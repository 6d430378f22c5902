/** The fewest bytes of a salt (NIST SP 800-132 §5.1). */
export const saltLength = 16;

/**
 * Makes 16 random bytes for `passphraseKey`. Keep them beside the records: a salt is no secret, but without it the
 * passphrase opens nothing.
 *
 * @example
 * ```ts
 * await writeFile('salt', createSalt());
 * ```
 */
export function createSalt(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(saltLength));
}
