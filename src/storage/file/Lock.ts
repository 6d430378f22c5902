import { unlinkSync } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { unlessMissing } from './errorCode.js';
import type { Identity } from './Identity.js';
import type { Owner } from './Owner.js';
import { readHolder } from './readHolder.js';
import { retryWhileBusy } from './retryWhileBusy.js';

/** A lock that is held. */
export class Lock {
  /** Whose id file it is a link to. */
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
    owner.takenAgain(path);
    this.#endTurn = endTurn;
    this.#stopHeartbeat = owner.keepAlive(() => this.#check());
  }

  /** Aborted when the lock is found to be no longer this owner's. */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  /** Whether the lock is still this owner's. */
  isHeld(): boolean {
    return readHolder(this.#path)?.nonce === this.identity.nonce;
  }

  /** Gives it back, if it is still this owner's. A second call does nothing. */
  release(): Promise<void> {
    return (this.#released ??= this.#release());
  }

  async #release(): Promise<void> {
    this.#stopHeartbeat();
    try {
      await unlessMissing(retryWhileBusy(async () => this.isHeld() && unlink(this.#path)));
    } catch {
      // At once, so that it can't be taken again between the look and the removal.
      this.#owner.giveBackLater(this.#path, () => {
        if (this.isHeld()) unlinkSync(this.#path);
      });
    } finally {
      this.#endTurn();
    }
  }

  #check(): void {
    try {
      if (!this.isHeld()) this.#lost.abort();
    } catch {
      // What cannot be read now may be readable at the next beat.
    }
  }
}
