import type { MaybePromise, StorageBackend } from '../storage/StorageBackend.js';
import { andThen } from './andThen.js';
import { BackendWriter } from './BackendWriter.js';

/**
 * What a library keeps in a backend: under a prefix that no credential store uses, so that a library which lists or clears all it sees
 * sees only its own.
 */
export class Items {
  readonly prefix: string;
  readonly #backend: StorageBackend;
  readonly #writer: BackendWriter;

  constructor(library: string, backend: StorageBackend) {
    this.prefix = `${library}#item:`;
    this.#backend = backend;
    this.#writer = new BackendWriter(backend);
  }

  get(key: string): MaybePromise<string | undefined> {
    return this.#backend.get(this.prefix + key);
  }

  set(key: string, value: string): MaybePromise<void> {
    return this.#writer.write(this.prefix + key, value);
  }

  remove(key: string): MaybePromise<void> {
    return this.#writer.write(this.prefix + key, undefined);
  }

  /** Removes an item and gives it to one caller only. */
  take(key: string): Promise<string | undefined> {
    return this.#writer.take(this.prefix + key);
  }

  /** The keys that begin with a text. */
  async keys(start = ''): Promise<string[]> {
    const keys: string[] = [];
    for await (const key of await this.#backend.keys(this.prefix + start)) {
      keys.push(key.slice(this.prefix.length));
    }
    return keys;
  }

  async clear(start = ''): Promise<void> {
    await Promise.all((await this.keys(start)).map((key) => this.remove(key)));
  }

  /** Tells of changes made elsewhere: the key, or `undefined` where any may have changed. */
  subscribe(listener: (key: string | undefined) => void): () => void {
    const hear = (key: string | undefined): void => {
      if (key === undefined) listener(undefined);
      else if (key.startsWith(this.prefix)) listener(key.slice(this.prefix.length));
    };
    return this.#backend.subscribe?.(hear) ?? (() => {});
  }

  has(key: string): MaybePromise<boolean> {
    return andThen(this.get(key), (value) => value !== undefined);
  }
}
