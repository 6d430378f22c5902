/** What is never part of a hash tag, and so needs another spelling there; alone, the escape stands for the empty key. */
const escaped = /[%{}\p{Surrogate}]/gu;
const emptyKey = '%';
const patternLetters = /[*?[\]^\\]/g;

/**
 * The names of what is kept for a key. The key is the hash tag, so that all of it lies in one slot of a cluster;
 * a prefix has no braces, so no two pairs of prefix and key have a name in common.
 */
export class RedisKeys {
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  value(key: string): string {
    return `${this.#prefix}{${escapeKey(key) || emptyKey}}`;
  }

  lease(key: string): string {
    return `${this.value(key)}:lease`;
  }

  quarantine(key: string): string {
    return `${this.value(key)}:quarantine`;
  }

  /** The channel on which changes are told. */
  get channel(): string {
    return `${this.#prefix}changes`;
  }

  /** A pattern for the names of the values whose keys begin with a prefix, as they are spelled on the server. */
  pattern(keyPrefix: string, start: string): string {
    return `${escapePattern(`${keyPrefix}${this.#prefix}{${escapeKey(start)}`)}*}`;
  }

  /** The key of a value that a pattern found. */
  keyOf(keyPrefix: string, name: string): string {
    const tag = name.slice(`${keyPrefix}${this.#prefix}{`.length, -1);
    return tag === emptyKey ? '' : unescapeKey(tag);
  }
}

function escapeKey(key: string): string {
  return key.replaceAll(escaped, (letter) => `%${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function unescapeKey(tag: string): string {
  return tag.replaceAll(/%([\da-f]{4})/g, (_all, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
}

function escapePattern(text: string): string {
  return text.replaceAll(patternLetters, '\\$&');
}
