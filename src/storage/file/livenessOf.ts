import { kill } from 'node:process';
import { errorCode } from './errorCode.js';
import type { Identity } from './Identity.js';
import { threadStatus } from './threadStatus.js';

/** `unknown`: on another machine or in another process namespace, where only its heartbeat can tell. */
export type Liveness = 'alive' | 'dead' | 'unknown';

/** Judges whether an owner lives, as far as the system can say. A stopped process lives. */
export function livenessOf(owner: Identity, own: Identity): Liveness {
  if (owner.machine !== own.machine || owner.namespace !== own.namespace) return 'unknown';
  if (!processExists(owner.pid)) return 'dead';
  const status = threadStatus(owner.pid, owner.thread);
  if (status) {
    const replaced = owner.started !== null && owner.started !== status.started;
    return replaced || 'ZXx'.includes(status.state) ? 'dead' : 'alive';
  }
  // Of a process that exists and is shown, a thread that is not has ended. Where /proc hides processes, nothing follows.
  const threadEnded = status === null && owner.thread !== owner.pid && threadStatus(owner.pid, owner.pid);
  return threadEnded ? 'dead' : 'alive';
}

function processExists(pid: number): boolean {
  try {
    kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) !== 'ESRCH';
  }
}
