import { unlink, utimes } from 'node:fs/promises';
import { clearInterval, setInterval } from 'node:timers';
import { errorCode } from './errorCode.js';
import type { Identity } from './Identity.js';
import { ownIdentity } from './ownIdentity.js';
import type { PrivateDirectory } from './PrivateDirectory.js';
import { replaceFile } from './replaceFile.js';

const HEARTBEAT = 2000;
const ATTEMPTS = 5;

/**
 * An owner of locks, one for each backend object: a file that says who it is, to which its locks are hard links,
 * and whose time of change is its heartbeat while it holds any.
 */
export class Owner {
  readonly directory: PrivateDirectory;
  #identity: Identity | undefined;
  #preparing: Promise<Identity> | undefined;
  readonly #retired = new Set<string>();
  readonly #beats = new Set<() => void>();
  /** How to stop trying, for each lock that could not be given back. */
  readonly #unreturned = new Map<string, () => void>();
  #timer: NodeJS.Timeout | undefined;
  #touched = 0;
  #temporaries = 0;

  constructor(directory: PrivateDirectory) {
    this.directory = directory;
  }

  /** Whether an identity was this owner's, and is no longer: what it left behind belongs to nobody. */
  hasRetired(nonce: string): boolean {
    return this.#retired.has(nonce);
  }

  /** Who this owner is, with its id file in place. */
  ready(): Promise<Identity> {
    this.#preparing ??= this.#prepareAgain().catch((error: unknown) => {
      this.#preparing = undefined;
      throw error;
    });
    return this.#preparing;
  }

  /** Becomes somebody new, after the id file of this identity was found missing. */
  renew(missing: Identity): void {
    if (this.#identity !== missing) return;
    this.#retired.add(missing.nonce);
    this.#identity = this.#preparing = undefined;
  }

  fileOf(identity: Identity): string {
    return this.directory.file(`.owner-${identity.nonce}`);
  }

  /** A new path for a file that is to be renamed; whose it was can be told if it is left behind. */
  temporary(identity: Identity): string {
    return this.directory.file(`.temporary-${identity.nonce}-${this.#temporaries++}`);
  }

  /** Starts the heartbeat before a lock is taken. */
  async freshen(identity: Identity): Promise<void> {
    if (performance.now() - this.#touched > HEARTBEAT) await this.#touch(identity);
  }

  /** Keeps the heartbeat going until the returned function is called, and calls back at each beat. */
  keepAlive(beat: () => void): () => void {
    this.#beats.add(beat);
    this.#timer ??= setInterval(() => this.#beat(), HEARTBEAT);
    this.#timer.unref?.();
    return () => {
      this.#beats.delete(beat);
      if (this.#beats.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  /** Gives a lock back at one of the next beats, where that failed, unless it is taken again before. */
  giveBackLater(path: string, giveBack: () => void): void {
    const end = this.keepAlive(() => {
      try {
        giveBack();
        this.takenAgain(path);
      } catch {
        // At the next beat.
      }
    });
    this.#unreturned.set(path, end);
  }

  /** A lock that may not have been given back is this owner's again. */
  takenAgain(path: string): void {
    this.#unreturned.get(path)?.();
    this.#unreturned.delete(path);
  }

  /** Removes the id file. The next use makes a new one. */
  async remove(): Promise<void> {
    for (const beat of this.#beats) beat();
    const identity = await this.#preparing?.catch(() => undefined);
    if (identity === undefined) return;
    this.renew(identity);
    await unlink(this.fileOf(identity)).catch(() => undefined);
  }

  async #prepareAgain(): Promise<Identity> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#prepare();
      } catch (error) {
        // Somebody may be removing the directory at the same time.
        if (errorCode(error) !== 'ENOENT' || attempt === ATTEMPTS) throw error;
      }
    }
  }

  async #prepare(): Promise<Identity> {
    await this.directory.prepare();
    const identity = ownIdentity();
    // Written whole before it has the name under which it is linked: no lock is ever half written.
    await replaceFile(this.fileOf(identity), JSON.stringify(identity), this.temporary(identity));
    this.#touched = performance.now();
    this.#identity = identity;
    return identity;
  }

  #beat(): void {
    const identity = this.#identity;
    if (identity) void this.#touch(identity);
    for (const beat of this.#beats) beat();
  }

  async #touch(identity: Identity): Promise<void> {
    this.#touched = performance.now();
    const now = new Date();
    // A missing id file is found out by whoever uses it next.
    await utimes(this.fileOf(identity), now, now).catch(() => undefined);
  }
}
