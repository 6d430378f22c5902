import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { pid } from 'node:process';
import { isMainThread } from 'node:worker_threads';
import type { Identity } from './Identity.js';
import { threadStatus } from './threadStatus.js';

/** A new identity of this thread. */
export function ownIdentity(): Identity {
  const thread = isMainThread ? pid : currentThread();
  return {
    pid,
    thread,
    started: threadStatus(pid, thread)?.started ?? null,
    machine:
      attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()) ??
      attempt(hostname) ??
      '',
    namespace: attempt(() => readlinkSync('/proc/self/ns/pid')) ?? null,
    timeNamespace: attempt(() => readlinkSync('/proc/self/ns/time')) ?? null,
    nonce: randomBytes(16).toString('hex'),
  };
}

function currentThread(): number {
  const task = attempt(() => readlinkSync('/proc/thread-self'))
    ?.split('/')
    .at(-1);
  return Number(task) || pid;
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
