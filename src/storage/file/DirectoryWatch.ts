import { type FSWatcher, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { clearInterval, setInterval } from 'node:timers';
import { unlessMissing } from './errorCode.js';
import { valueNameOf } from './fileNameOf.js';
import type { PrivateDirectory } from './PrivateDirectory.js';

const INTERVAL = 2000;

/**
 * Tells of value files that come, change or go: at once where the system reports it, and by a slow look at the
 * directory itself for all that it misses. Holds no process.
 */
export class DirectoryWatch {
  readonly #directory: PrivateDirectory;
  readonly #changed: (name: string | undefined) => void;
  readonly #timer: NodeJS.Timeout;
  #watcher: FSWatcher | undefined;
  #watched: bigint | undefined;
  #stamp = '';
  #looking = false;
  #stopped = false;

  /** Calls back with the name of a value, or with `undefined` when any may have changed. */
  constructor(directory: PrivateDirectory, changed: (name: string | undefined) => void) {
    this.#directory = directory;
    this.#changed = changed;
    this.#timer = setInterval(() => void this.#look(), INTERVAL);
    this.#timer.unref?.();
    void this.#begin();
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
    this.#unwatch();
  }

  async #begin(): Promise<void> {
    // What cannot be made now is looked for again, and reported to whoever reads or writes.
    await this.#directory.prepare().catch(() => undefined);
    await this.#look();
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      const there = await this.#directory.find('read');
      const stats = there ? await unlessMissing(stat(this.#directory.location, { bigint: true })) : undefined;
      if (this.#stopped) return;
      if (stats?.ino !== this.#watched || this.#watcher === undefined) this.#watch(stats?.ino);
      const stamp = `${stats?.ino} ${stats?.mtimeNs} ${stats?.ctimeNs}`;
      if (stamp === this.#stamp) return;
      this.#stamp = stamp;
      this.#changed(undefined);
    } catch {
      // The next look may succeed.
    } finally {
      this.#looking = false;
    }
  }

  #watch(inode: bigint | undefined): void {
    this.#unwatch();
    if (inode === undefined) return;
    try {
      const watcher = watch(this.#directory.location, { persistent: false }, (_event, file) =>
        this.#hear(file),
      );
      watcher.on('error', () => this.#unwatch());
      watcher.unref?.();
      this.#watcher = watcher;
      this.#watched = inode;
    } catch {
      // The system has no more watches to give. The looks have to do.
    }
  }

  #unwatch(): void {
    this.#watcher?.close();
    this.#watcher = this.#watched = undefined;
  }

  #hear(file: string | null): void {
    if (this.#stopped) return;
    // Deno holds the process again after each event.
    queueMicrotask(() => this.#watcher?.unref?.());
    if (file === null) return this.#changed(undefined);
    const name = valueNameOf(file);
    if (name !== undefined) this.#changed(name);
  }
}
