import { DecryptionError } from '../errors/DecryptionError.js';
import { isShelflifeError } from '../errors/isShelflifeError.js';
import { KeyMissingError } from '../errors/KeyMissingError.js';
import { KeyUnavailableError } from '../errors/KeyUnavailableError.js';
import type { KeySource, OpenedKey } from './KeySource.js';

/** A key of the ring, with where it came from. */
export interface RingKey extends OpenedKey {
  readonly source: KeySource;
  /** Whether it has decrypted something: until then, it may be one of a wrong passphrase. */
  isProven: boolean;
}

/** The keys of a backend. Each is opened when it is first needed, and kept; one that failed is asked for again. */
export class KeyRing {
  readonly #sources: readonly [KeySource, ...KeySource[]];
  readonly #opened = new Map<KeySource, Promise<RingKey>>();

  constructor(sources: readonly [KeySource, ...KeySource[]]) {
    this.#sources = sources;
  }

  /**
   * The key that records are written with. It is made only where there is none, and no record that an earlier one of
   * its kind encrypted.
   *
   * @param stored The encrypted records there are, with the ids of their keys.
   */
  async forWriting(stored: () => AsyncIterable<{ readonly id: string }>): Promise<RingKey> {
    const [first] = this.#sources;
    try {
      return await this.#open(first, false);
    } catch (error) {
      if (!(error instanceof KeyMissingError)) throw error;
    }
    for await (const { id } of stored()) {
      // Somebody may have made it, and written with it, since the look above.
      if (isOf(first, id)) return this.#open(first, false);
    }
    return this.#open(first, true);
  }

  /** The key that a record names, if there is one. */
  async withId(id: string): Promise<RingKey> {
    let failure: KeyUnavailableError | undefined;
    for (const source of this.#sources) {
      try {
        const opened = await this.#open(source, false);
        if (opened.id === id) return opened;
        if (!isOf(source, id)) continue;
        // It was lost, and made anew elsewhere, since this one was opened.
        this.#opened.delete(source);
        const again = await this.#open(source, false);
        if (again.id === id) return again;
      } catch (error) {
        if (!(error instanceof KeyUnavailableError)) throw error;
        // Where there is no such key, another one's records are not its concern.
        if (error.retryable || isOf(source, id)) failure ??= error;
      }
    }
    throw (
      failure ??
      new DecryptionError(
        'The record was encrypted with a key that is not among `keys`. It was left as it is: add that key.',
      )
    );
  }

  /** Has a key that failed opened again at the next use, unless it is known to be right. */
  forget(key: RingKey): void {
    if (!key.isProven) this.#opened.delete(key.source);
  }

  clear(): void {
    this.#opened.clear();
  }

  #open(source: KeySource, create: boolean): Promise<RingKey> {
    const known = this.#opened.get(source);
    if (known) return known;
    const opening = openKey(source, create);
    this.#opened.set(source, opening);
    opening.catch(() => {
      if (this.#opened.get(source) === opening) this.#opened.delete(source);
    });
    return opening;
  }
}

/** Whether a key id is of a key that this source made: it begins with the name of the source. */
function isOf(source: KeySource, id: string): boolean {
  return id.startsWith(`${source.name}:`);
}

async function openKey(source: KeySource, create: boolean): Promise<RingKey> {
  let opened: OpenedKey;
  try {
    opened = await source.open({ create });
  } catch (cause) {
    if (isShelflifeError(cause)) throw cause;
    throw new KeyUnavailableError(`The key "${source.name}" can't be had.`, { cause });
  }
  const { id, key } = (opened ?? {}) as Partial<OpenedKey>;
  const algorithm = key?.algorithm as Partial<AesKeyAlgorithm> | undefined;
  if (typeof id !== 'string' || !key || algorithm?.name !== 'AES-GCM' || algorithm.length !== 256)
    throw new TypeError(
      `The key source "${source.name}" must open to \`{ id, key }\`: a string, and a CryptoKey for AES-GCM of 256 bits.`,
    );
  return { id, key, source, isProven: false };
}
