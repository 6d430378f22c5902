import { ClosedError } from '../../errors/ClosedError.js';
import type { ShelflifeError } from '../../errors/ShelflifeError.js';
import type { Lease, StorageBackend } from '../StorageBackend.js';
import { DirectoryWatch } from './DirectoryWatch.js';
import { Locks } from './Locks.js';
import { Owner } from './Owner.js';
import { fileNameOf } from './fileNameOf.js';
import { PrivateDirectory } from './PrivateDirectory.js';
import { BACKEND, storageFailure } from './storageFailure.js';
import { sweep } from './sweep.js';
import { ValueFiles } from './ValueFiles.js';

type Listener = (key: string | undefined) => void;

/** Values in the files of a directory, shared by the processes of a host. */
export class FileBackend implements StorageBackend {
  readonly name = BACKEND;
  readonly scope = 'host';
  readonly persistent = true;
  readonly #directory: PrivateDirectory;
  readonly #owner: Owner;
  readonly #locks: Locks;
  readonly #values: ValueFiles;
  readonly #running = new Set<Promise<unknown>>();
  readonly #waiting = new Set<AbortController>();
  readonly #leases = new Set<Lease>();
  readonly #listeners = new Set<{ readonly listener: Listener }>();
  #watch: DirectoryWatch | undefined;
  #sweeping: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(directory: string) {
    this.#directory = new PrivateDirectory(directory);
    this.#owner = new Owner(this.#directory);
    this.#locks = new Locks(this.#owner);
    this.#values = new ValueFiles(this.#owner, this.#locks);
  }

  get degraded(): ShelflifeError | undefined {
    return this.#directory.degraded;
  }

  get(key: string): Promise<string | undefined> {
    return this.#attempt('read a credential', () => this.#values.read(key));
  }

  compareAndSet(key: string, expected: string | undefined, next: string | undefined): Promise<boolean> {
    return this.#change('write a credential', () => this.#values.compareAndSet(key, expected, next));
  }

  quarantine(key: string): Promise<void> {
    return this.#change('set a damaged credential aside', () => this.#values.quarantine(key));
  }

  keys(prefix: string): Promise<string[]> {
    return this.#attempt('list the credentials', () => this.#values.keys(prefix));
  }

  async lease(key: string, { signal }: { signal: AbortSignal }): Promise<Lease> {
    const closed = new AbortController();
    const abort = () => closed.abort();
    this.#waiting.add(closed);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    try {
      const attempt = () => this.#locks.acquire(`${fileNameOf(key)}.lease`, { signal: closed.signal });
      return this.#keep(await this.#change('take the lease to refresh a credential', attempt));
    } catch (error) {
      if (!closed.signal.aborted || signal.aborted) throw error;
      throw new ClosedError('The backend was closed.', { backend: BACKEND });
    } finally {
      this.#waiting.delete(closed);
      signal.removeEventListener('abort', abort);
    }
  }

  subscribe(listener: Listener): () => void {
    const entry = { listener };
    this.#listeners.add(entry);
    this.#watch ??= new DirectoryWatch(this.#directory, (name) => void this.#tell(name));
    return () => {
      if (this.#listeners.delete(entry) && this.#listeners.size === 0) this.#stopWatching();
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close().finally(() => (this.#closing = undefined));
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#listeners.clear();
    this.#stopWatching();
    for (const waiting of this.#waiting) waiting.abort();
    await this.#releaseAll();
    await Promise.allSettled([...this.#running, this.#sweeping]);
    // One may have been taken just when its wait was to end.
    await this.#releaseAll();
    this.#sweeping = undefined;
    await this.#owner.remove();
  }

  async #releaseAll(): Promise<void> {
    await Promise.allSettled([...this.#leases].map((lease) => lease.release()));
  }

  #keep(lease: Lease): Lease {
    const kept = {
      signal: lease.signal,
      release: () => {
        this.#leases.delete(kept);
        return lease.release();
      },
    };
    this.#leases.add(kept);
    return kept;
  }

  async #tell(name: string | undefined): Promise<void> {
    const key = name === undefined ? undefined : await this.#values.keyOf(name).catch(() => undefined);
    for (const { listener } of this.#listeners) {
      try {
        listener(key);
      } catch {
        // Hints have nobody to report to, and the other listeners are to get theirs.
      }
    }
  }

  #stopWatching(): void {
    this.#watch?.stop();
    this.#watch = undefined;
  }

  async #change<T>(description: string, run: () => Promise<T>): Promise<T> {
    this.#sweeping ??= sweep(this.#owner, this.#locks).catch(() => undefined);
    const running = this.#attempt(description, run);
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  async #attempt<T>(description: string, run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      throw storageFailure(error, description, this.#directory.path);
    }
  }
}
