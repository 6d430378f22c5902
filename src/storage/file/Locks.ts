import { link, rename, unlink } from 'node:fs/promises';
import { StorageUnavailableError } from '../../errors/StorageUnavailableError.js';
import { delay } from './delay.js';
import { errorCode, unlessMissing } from './errorCode.js';
import { Heartbeats } from './Heartbeats.js';
import type { Identity } from './Identity.js';
import { livenessOf } from './livenessOf.js';
import { Lock } from './Lock.js';
import { lockTimeout } from './lockTimeout.js';
import type { Owner } from './Owner.js';
import { type Holder, readHolder, shortHash } from './readHolder.js';
import { retryWhileBusy } from './retryWhileBusy.js';
import { BACKEND } from './storageFailure.js';
import { Turns } from './Turns.js';

const LONGEST_PAUSE = 25;
const NO_HARD_LINKS = ['EPERM', 'ENOTSUP', 'ENOSYS', 'EOPNOTSUPP', 'EXDEV', 'EMLINK', 'EINVAL'];

/** How long to wait for a lock: until the signal aborts, or for so many milliseconds without any progress. */
export type Patience = { readonly signal: AbortSignal } | { readonly milliseconds: number };

/** The outcome of an attempt: taken, to be tried again at once, or held by somebody. */
type Outcome = 'taken' | 'changed' | Holder;

/**
 * The locks of a directory, held across processes.
 *
 * A lock is a hard link to its owner's id file, so it appears whole or not at all. The lock of a dead owner
 * passes to the one who holds its succession, a lock in turn, named after the dead: of two takers only one
 * can have that, and if it dies too, the same rule finds the next.
 */
export class Locks {
  readonly #owner: Owner;
  readonly #turns = new Turns();
  readonly #heartbeats = new Heartbeats();

  constructor(owner: Owner) {
    this.#owner = owner;
  }

  /** Takes a lock. Rejects with `TimeoutError`, naming the holder's process, when patience ends. */
  async acquire(name: string, patience: Patience): Promise<Lock> {
    // A lock and its succession are one turn: an owner must not meet itself in either.
    const turn = name.split('.', 2).join('.');
    const arrived = performance.now();
    const signal = 'signal' in patience ? patience.signal : undefined;
    const isOver = () =>
      'signal' in patience
        ? patience.signal.aborted
        : performance.now() - Math.max(arrived, this.#turns.lastProgress(turn)) >= patience.milliseconds;
    const endTurn = await this.#turns.take(turn, signal);
    if (endTurn === undefined) throw this.#timeout(name);
    try {
      for (let pause = 1; ;) {
        const identity = await this.#owner.ready();
        const outcome = await this.#attempt(name, identity);
        if (outcome === 'taken') {
          this.#turns.noteProgress(turn);
          return new Lock(this.#owner.directory.file(name), this.#owner, identity, endTurn);
        }
        if (isOver()) throw this.#timeout(name);
        if (outcome === 'changed') continue;
        await delay(pause * (0.5 + Math.random()), signal);
        pause = Math.min(pause * 1.5, LONGEST_PAUSE);
      }
    } catch (error) {
      endTurn();
      throw error;
    }
  }

  /** Takes a lock from a dead owner and gives it back. Waits for nobody. */
  async releaseDead(name: string): Promise<void> {
    const holder = readHolder(this.#owner.directory.file(name));
    if (holder === undefined || !this.#isDead(holder, await this.#owner.ready())) return;
    const lock = await this.acquire(name, { milliseconds: 0 });
    await lock.release();
  }

  /** Takes the lock if nobody has it, or somebody dead. */
  async #attempt(name: string, identity: Identity): Promise<Outcome> {
    const path = this.#owner.directory.file(name);
    const holder = readHolder(path);
    if (holder === undefined) return this.#link(path, identity);
    // Left by a release that failed, or linked by a call whose answer was lost. Turns keep an owner from meeting itself.
    if (holder.nonce === identity.nonce) return 'taken';
    if (!this.#isDead(holder, identity)) return holder;
    return this.#succeed(name, holder.nonce, identity);
  }

  async #succeed(name: string, dead: string, identity: Identity): Promise<Outcome> {
    const successor = successorOf(name, dead);
    const outcome = await this.#attempt(successor, identity);
    if (outcome !== 'taken') return outcome;
    const [from, to] = [this.#owner.directory.file(successor), this.#owner.directory.file(name)];
    try {
      // From here to the rename nobody else can pass the lock on. Whoever came late finds it passed on already.
      if (readHolder(to)?.nonce === dead) {
        await retryWhileBusy(() => rename(from, to));
        this.#heartbeats.forget(dead);
        return 'taken';
      }
    } catch (error) {
      await unlink(from).catch(() => undefined);
      throw error;
    }
    await unlessMissing(unlink(from));
    return 'changed';
  }

  async #link(path: string, identity: Identity): Promise<'taken' | 'changed'> {
    try {
      await this.#owner.freshen(identity);
      await link(this.#owner.fileOf(identity), path);
      return 'taken';
    } catch (error) {
      const code = errorCode(error);
      if (code === 'EEXIST') return 'changed';
      if (code === 'ENOENT') {
        // The directory, or the id file in it, was removed underneath. The next attempt makes it again.
        this.#owner.renew(identity);
        return 'changed';
      }
      if (!NO_HARD_LINKS.includes(code)) throw error;
      throw new StorageUnavailableError(
        `The directory ${this.#owner.directory.path} is on a file system without hard links. ` +
          'Name a directory on one that has hard links and atomic rename.',
        { cause: error, backend: BACKEND },
      );
    }
  }

  #timeout(name: string): Error {
    const { directory } = this.#owner;
    return lockTimeout(name, directory.path, readHolder(directory.file(name))?.identity);
  }

  #isDead({ identity: holder, ...rest }: Holder, own: Identity): boolean {
    if (this.#owner.hasRetired(rest.nonce)) return true;
    const liveness = holder ? livenessOf(holder, own) : 'unknown';
    return liveness === 'dead' || (liveness === 'unknown' && this.#heartbeats.isStale(rest));
  }
}

/** The lock on succeeding a dead owner. A hash keeps the name short when its takers die as well. */
export function successorOf(name: string, dead: string): string {
  const [file, kind] = name.split('.');
  return `${file}.${kind}.${shortHash(`${name}:${dead}`)}`;
}
