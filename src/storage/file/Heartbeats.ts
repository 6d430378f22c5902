import { renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CorruptRecordError } from '../../errors/CorruptRecordError.js';
import { errorCode } from './errorCode.js';
import type { PrivateDirectory } from './PrivateDirectory.js';
import { ID } from './readHolder.js';
import { readTextSync } from './readTextSync.js';

const STALE = 30_000;
/** Time between two looks counts up to this much. Whoever did not look, or was asleep, has not watched. */
const LONGEST_LOOK = 1000;

interface Watched {
  /** The heartbeat that was seen: compared, and never taken for a time. */
  readonly heartbeat: string;
  /** Milliseconds for which it did not change while somebody looked. */
  watched: number;
  last: number;
}

/**
 * Judges holders by their heartbeat, where nothing else can be known of them: dead is who had none while it was
 * watched for 30 seconds.
 *
 * No clock but the watcher's own monotonic one takes part, since others may be wrong. What was watched is kept in
 * a file, so that processes too short to watch for so long add up.
 */
export class Heartbeats {
  readonly #directory: PrivateDirectory;
  readonly #seen = new Map<string, Watched>();

  constructor(directory: PrivateDirectory) {
    this.#directory = directory;
  }

  /** The heartbeat of an owner; `undefined` if its directory is gone, and with it all that it could still do. */
  of(nonce: string): string | undefined {
    const home = this.#directory.file(`.owner-${nonce}`);
    try {
      return beatOf(join(home, ID));
    } catch (error) {
      // An id file of version 0.1.0, which had no directory to be in.
      if (errorCode(error) === 'ENOTDIR') return beatOf(home);
      if (errorCode(error) === 'ENOENT' || error instanceof CorruptRecordError) return undefined;
      throw error;
    }
  }

  /** Whether a holder has been without a heartbeat for long enough. To be asked again and again. */
  isStale(nonce: string, heartbeat: string): boolean {
    const now = performance.now();
    const seen = this.#seen.get(nonce) ?? this.#restore(nonce, now);
    if (seen?.heartbeat !== heartbeat) {
      this.#seen.set(nonce, { heartbeat, watched: 0, last: now });
      return false;
    }
    seen.watched += Math.min(now - seen.last, LONGEST_LOOK);
    seen.last = now;
    this.#seen.set(nonce, seen);
    return seen.watched >= STALE;
  }

  /** Keeps what was watched of a holder, for those who come after this process. */
  keep(nonce: string, temporary: string): void {
    const seen = this.#seen.get(nonce);
    if (seen === undefined || seen.watched < LONGEST_LOOK) return;
    try {
      const { heartbeat, watched } = seen;
      writeFileSync(temporary, JSON.stringify({ heartbeat, watched }), { flag: 'wx', mode: 0o600 });
      renameSync(temporary, this.#fileOf(nonce));
    } catch {
      // Then the next one begins anew.
    }
  }

  /** After a holder's lock was taken over. */
  forget(nonce: string): void {
    this.#seen.delete(nonce);
    try {
      unlinkSync(this.#fileOf(nonce));
    } catch {
      // There was none.
    }
  }

  #fileOf(nonce: string): string {
    return this.#directory.file(`.watched-${nonce}`);
  }

  #restore(nonce: string, now: number): Watched | undefined {
    try {
      const kept: unknown = JSON.parse(readTextSync(this.#fileOf(nonce)).text);
      const { heartbeat, watched } = kept as Partial<Watched>;
      if (typeof heartbeat !== 'string' || typeof watched !== 'number' || !(watched >= 0)) return undefined;
      return { heartbeat, watched, last: now };
    } catch {
      return undefined;
    }
  }
}

/** The time of change of a file. An owner changes that of its id file while it holds a lock. */
export function beatOf(path: string): string {
  return String(readTextSync(path).status.mtimeNs);
}
