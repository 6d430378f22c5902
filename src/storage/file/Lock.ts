import { renameSync, rmSync } from 'node:fs';
import type { Identity } from './Identity.js';
import { dispose, FencedError, type Owner } from './Owner.js';
import { readHolder } from './readHolder.js';
import { retryWhileBusy } from './retryWhileBusy.js';

/** A lock that is held. */
export class Lock {
  /** Who holds it. */
  readonly identity: Identity;
  readonly #path: string;
  readonly #owner: Owner;
  readonly #endTurn: () => void;
  readonly #stopHeartbeat: () => void;
  readonly #lost = new AbortController();
  #released: Promise<void> | undefined;

  constructor(path: string, owner: Owner, identity: Identity, endTurn: () => void) {
    this.identity = identity;
    this.#path = path;
    this.#owner = owner;
    owner.heartbeat.takenAgain(path);
    this.#endTurn = endTurn;
    this.#stopHeartbeat = owner.heartbeat.keep(() => this.#check());
  }

  /** Aborted when the lock is found to be no longer this owner's. */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  /** Whether the lock is still this owner's. */
  isHeld(): boolean {
    return (
      this.#owner.isLinkTo(this.#path, this.identity) || readHolder(this.#path)?.nonce === this.identity.nonce
    );
  }

  /** Gives it back, if it is still this owner's. A second call does nothing. */
  release(): Promise<void> {
    return (this.#released ??= this.#release());
  }

  async #release(): Promise<void> {
    this.#stopHeartbeat();
    try {
      const place = await retryWhileBusy(() => this.#takeAway());
      if (place !== undefined) dispose(place);
    } catch (error) {
      // Whoever took over has taken this lock too, or will.
      if (error instanceof FencedError) return;
      this.#owner.heartbeat.giveBackLater(this.#path, () => this.#takeAwayAtOnce());
    } finally {
      this.#endTurn();
    }
  }

  /** Into the directory of this owner, which is gone if somebody took over from it since the look. */
  async #takeAway(): Promise<string | undefined> {
    return this.isHeld() ? this.#owner.takeAway(this.#path, this.identity) : undefined;
  }

  /** At once, so that this owner can't take it again between the look and the removal. */
  #takeAwayAtOnce(): void {
    if (!this.isHeld()) return;
    const place = this.#owner.place(this.identity);
    renameSync(this.#path, place);
    rmSync(place, { recursive: true, force: true });
  }

  #check(): void {
    try {
      if (!this.isHeld()) this.#lost.abort();
    } catch {
      // What cannot be read now may be readable at the next beat.
    }
  }
}
