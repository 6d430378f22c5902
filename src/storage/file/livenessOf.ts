import { kill } from 'node:process';
import { errorCode } from './errorCode.js';
import type { Identity } from './Identity.js';
import { threadStatus } from './threadStatus.js';

/** `unknown`: where the system cannot say who an owner's process is, and only its heartbeat can tell. */
export type Liveness = 'alive' | 'dead' | 'unknown';

/**
 * Judges whether an owner lives, as far as the system can say. A stopped process lives.
 *
 * That a process with its id exists proves nothing, since ids are used again: without its start time (no `/proc`,
 * or a time namespace by which it is shifted) that is unknown.
 */
export function livenessOf(owner: Identity, own: Identity): Liveness {
  if (owner.machine !== own.machine || owner.namespace !== own.namespace) return 'unknown';
  if (!processExists(owner.pid)) return 'dead';
  const status = threadStatus(owner.pid, owner.thread);
  if (status === undefined) return 'unknown';
  if (status === null) {
    // Of a process that is shown, a thread that is not has ended. Where /proc hides processes, nothing follows.
    const isShown = owner.thread !== owner.pid && threadStatus(owner.pid, owner.pid);
    return isShown ? 'dead' : 'unknown';
  }
  if ('ZXx'.includes(status.state)) return 'dead';
  if (owner.started === null || owner.timeNamespace !== own.timeNamespace) return 'unknown';
  return owner.started === status.started ? 'alive' : 'dead';
}

function processExists(pid: number): boolean {
  try {
    kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) !== 'ESRCH';
  }
}
