import { delay } from './delay.js';
import { errorCode } from './errorCode.js';
import { fence } from './fence.js';
import { beatOf, Heartbeats } from './Heartbeats.js';
import type { Identity } from './Identity.js';
import { livenessOf } from './livenessOf.js';
import { Lock } from './Lock.js';
import { LockFiles } from './LockFiles.js';
import { lockTimeout } from './lockTimeout.js';
import { dispose, FencedError, type Owner } from './Owner.js';
import { type Holder, readHolder, shortHash } from './readHolder.js';
import { isTooManyOpen } from './retryWhileBusy.js';
import { Turns } from './Turns.js';

const LONGEST_PAUSE = 25;
const KEEPING = 2000;

/** How long to wait for a lock: until the signal aborts, or for so many milliseconds without any progress. */
export type Patience = { readonly signal: AbortSignal } | { readonly milliseconds: number };

/** The outcome of an attempt: taken, to be tried again at once, not to be told, or held by somebody. */
type Outcome = 'taken' | 'changed' | 'untold' | Holder;

/**
 * The locks of a directory, held across processes.
 *
 * Who takes over from a dead holder first fences it, then removes its lock, and then waits for its turn as anybody.
 * The right to remove a dead holder's lock is a lock in turn, named after the dead: of two takers only one can
 * have that, and if it dies too, the same rule finds the next.
 */
export class Locks {
  readonly #owner: Owner;
  readonly #files: LockFiles;
  readonly #turns = new Turns();
  readonly #heartbeats: Heartbeats;

  constructor(owner: Owner) {
    this.#owner = owner;
    this.#files = new LockFiles(owner);
    this.#heartbeats = new Heartbeats(owner.directory);
  }

  /** Takes a lock. Rejects with `TimeoutError`, naming the holder's process, when patience ends. */
  async acquire(name: string, patience: Patience): Promise<Lock> {
    // A lock and the right to remove it are one turn: an owner must not meet itself in either.
    const turn = partsOf(name).lock;
    const arrived = performance.now();
    const signal = 'signal' in patience ? patience.signal : undefined;
    const isOver = () =>
      'signal' in patience
        ? patience.signal.aborted
        : performance.now() - Math.max(arrived, this.#turns.lastProgress(turn)) >= patience.milliseconds;
    const endTurn = await this.#turns.take(turn, signal);
    if (endTurn === undefined) throw this.#timeout(name);
    try {
      let kept = arrived;
      for (let pause = 1; ;) {
        const identity = await this.#owner.ready();
        const outcome = await this.#attempt(name, identity);
        if (outcome === 'taken') {
          this.#turns.noteProgress(turn);
          return new Lock(this.#owner.directory.file(name), this.#owner, identity, endTurn);
        }
        const over = isOver();
        if (typeof outcome === 'object' && (over || performance.now() - kept > KEEPING)) {
          kept = performance.now();
          this.#heartbeats.keep(outcome.nonce, this.#owner.place(identity));
        }
        if (over) throw this.#timeout(name);
        if (outcome === 'changed') continue;
        await delay(pause * (0.5 + Math.random()), signal);
        pause = Math.min(pause * 1.5, LONGEST_PAUSE);
      }
    } catch (error) {
      endTurn();
      throw error;
    }
  }

  /** Who holds a lock, unless it is dead. A dead one is fenced: it changes nothing any more. */
  async livingHolder(name: string, own: Identity): Promise<Holder | undefined> {
    const path = this.#owner.directory.file(name);
    const holder = readHolder(path);
    if (holder === undefined || !this.#isDead(holder, path, own)) return holder;
    await fence(this.#owner.directory, holder.nonce);
    return undefined;
  }

  /** Removes the lock of a dead owner. */
  async releaseDead(name: string): Promise<void> {
    const endTurn = await this.#turns.take(partsOf(name).lock);
    try {
      for (let outcome: Outcome = 'changed'; outcome === 'changed';) {
        const path = this.#owner.directory.file(name);
        const identity = await this.#owner.ready();
        const holder = readHolder(path);
        if (holder === undefined || !this.#isDead(holder, path, identity)) return;
        // More than once where those died too who were about to remove it.
        outcome = await this.#clear(name, holder.nonce, identity);
      }
    } finally {
      endTurn?.();
    }
  }

  /** Takes the lock if nobody has it, or clears it if somebody dead has. */
  async #attempt(name: string, identity: Identity): Promise<Outcome> {
    const path = this.#owner.directory.file(name);
    try {
      if (await this.#files.put(path, identity)) return 'taken';
      const holder = readHolder(path);
      if (holder === undefined) return 'changed';
      // Left by a release that failed, or put by a call whose answer was lost. Turns keep an owner from meeting itself.
      if (holder.nonce === identity.nonce) return 'taken';
      if (!this.#isDead(holder, path, identity)) return holder;
      return await this.#clear(name, holder.nonce, identity);
    } catch (error) {
      // Whose lock it was gave it back in the middle of the look.
      if (error instanceof FencedError || errorCode(error) === 'ENOENT') return 'changed';
      if (isTooManyOpen(error)) return 'untold';
      throw error;
    }
  }

  async #clear(name: string, dead: string, identity: Identity): Promise<Outcome> {
    const { directory } = this.#owner;
    await fence(directory, dead);
    const right = successorOf(name, dead);
    const outcome = await this.#attempt(right, identity);
    if (outcome !== 'taken') return outcome;
    try {
      const path = directory.file(name);
      // Nobody else can remove it now. Whoever came late finds it removed already.
      if (readHolder(path)?.nonce === dead) await this.#takeAway(path, identity);
      this.#heartbeats.forget(dead);
    } finally {
      await this.#takeAway(directory.file(right), identity);
    }
    return 'changed';
  }

  async #takeAway(path: string, identity: Identity): Promise<void> {
    const place = await this.#owner.takeAway(path, identity);
    if (place !== undefined) dispose(place);
  }

  #timeout(name: string): Error {
    const { directory } = this.#owner;
    return lockTimeout(partsOf(name).kind, directory.path, readHolder(directory.file(name))?.identity);
  }

  #isDead({ identity, nonce, isNoLock }: Holder, path: string, own: Identity): boolean {
    if (isNoLock) return true;
    const heartbeat = identity ? this.#heartbeats.of(nonce) : beatOf(path);
    if (heartbeat === undefined) return true;
    const liveness = identity ? livenessOf(identity, own) : 'unknown';
    return liveness === 'dead' || (liveness === 'unknown' && this.#heartbeats.isStale(nonce, heartbeat));
  }
}

/** The lock on removing a dead owner's. A hash keeps the name short when its takers die as well. */
export function successorOf(name: string, dead: string): string {
  return `${partsOf(name).lock}.${shortHash(`${name}:${dead}`)}`;
}

/** The lock that a name is about, and of which kind that is. */
export function partsOf(name: string): { readonly lock: string; readonly kind: string | undefined } {
  const [, lock = name, kind] = /^(.*\.(lock|lease))(?:\.[0-9a-f]{32})?$/.exec(name) ?? [];
  return { lock, kind };
}
