import { uptime } from 'node:os';
import type { Holder } from './readHolder.js';

const STALE = 30_000;
const WATCHED = 3000;

/**
 * Judges holders by their heartbeat, where nothing else can be known of them.
 *
 * An old heartbeat alone proves nothing: after a machine has slept, everybody's is old. So it also has to stay
 * away while it is watched, for longer than a beat takes; except for one from before this machine was started, as
 * everything has that a power cut left behind. One from the future, by a clock that goes
 * wrong, is stale when it has been watched for as long as it would have to be old.
 */
export class Heartbeats {
  readonly #seen = new Map<string, { readonly heartbeat: number; readonly since: number }>();

  isStale({ nonce, heartbeat }: Pick<Holder, 'nonce' | 'heartbeat'>): boolean {
    if (heartbeat < Date.now() - uptime() * 1000 - STALE) return true;
    const now = performance.now();
    const seen = this.#seen.get(nonce);
    if (seen?.heartbeat !== heartbeat) {
      this.#seen.set(nonce, { heartbeat, since: now });
      return false;
    }
    const watched = now - seen.since;
    return watched > STALE || (watched > WATCHED && Date.now() - heartbeat > STALE);
  }

  forget(nonce: string): void {
    this.#seen.delete(nonce);
  }
}
