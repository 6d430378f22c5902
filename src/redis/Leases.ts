import { randomUUID } from 'node:crypto';
import { ClosedError } from '../errors/ClosedError.js';
import { TimeoutError } from '../errors/TimeoutError.js';
import type { Lease } from '../storage/StorageBackend.js';
import { type Connection, textOf } from './Connection.js';
import { HeldLease } from './HeldLease.js';
import { pause } from '../storage/pause.js';
import { BACKEND } from './redisFailure.js';
import type { RedisKeys } from './RedisKeys.js';

/** How long a waiter waits before it asks again, in milliseconds: from the first to the longest, with jitter. */
const firstPause = 10;
const longestPause = 200;

/** The leases that a backend holds or waits for. */
export class Leases {
  readonly #connection: Connection;
  readonly #keys: RedisKeys;
  readonly #duration: number;
  readonly #held = new Map<string, HeldLease>();
  #closed = new AbortController();

  constructor(connection: Connection, keys: RedisKeys, duration: number) {
    this.#connection = connection;
    this.#keys = keys;
    this.#duration = duration;
  }

  async acquire(key: string, signal: AbortSignal): Promise<Lease> {
    const giveUp = AbortSignal.any([signal, this.#closed.signal]);
    for (let longest = firstPause; ; longest = Math.min(longest * 2, longestPause)) {
      if (signal.aborted) {
        throw new TimeoutError('Another process did not finish its refresh in time. Try again.', {
          backend: BACKEND,
        });
      }
      if (giveUp.aborted) throw new ClosedError('The backend was closed.', { backend: BACKEND });
      const held = await orAborted(this.#ask(key), giveUp, (late) => void late?.release().catch(() => {}));
      if (held) return handOut(held);
      await pause(longest / 2 + (Math.random() * longest) / 2, giveUp);
    }
  }

  /** Runs a read, which may be one under a lease. */
  read<T>(key: string, run: () => Promise<T>): Promise<T> {
    return this.#held.get(key)?.read(run) ?? run();
  }

  /** Runs a write, which may be one under a lease. */
  write<T>(key: string, run: () => Promise<T>): Promise<T> {
    return this.#held.get(key)?.write(run) ?? run();
  }

  /** Gives all back, and ends all waiting. */
  async close(): Promise<void> {
    this.#closed.abort();
    this.#closed = new AbortController();
    await Promise.allSettled([...this.#held.values()].map((lease) => lease.end()));
  }

  async #ask(key: string): Promise<HeldLease | undefined> {
    const own = this.#held.get(key);
    if (own?.isLingering) {
      own.takeUp();
      return own;
    }
    if (own) return undefined;
    const token = randomUUID();
    const name = this.#keys.lease(key);
    const duration = this.#duration;
    const askedAt = performance.now();
    const command = ['SET', name, token, 'NX', 'GET', 'PX', String(duration)];
    const holder = await this.#connection.send(name, command);
    // A client that lost the connection sends its commands again: then the holder may be this very request.
    if (holder !== null && textOf(holder) !== token) return undefined;
    const lease = new HeldLease(this.#connection, { name, token, duration, askedAt }, () => {
      if (this.#held.get(key) === lease) this.#held.delete(key);
    });
    this.#held.set(key, lease);
    return lease;
  }
}

/** Each holder releases once, and only what is its own: a lease that lingered may be taken up by the next. */
function handOut(held: HeldLease): Lease {
  let isReleased = false;
  return {
    signal: held.signal,
    async release() {
      if (isReleased) return;
      isReleased = true;
      await held.release();
    },
  };
}

/** The outcome of a promise, or `undefined` when the signal aborts before; what then comes too late is handed on. */
async function orAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal,
  onLate: (value: T) => void,
): Promise<T | undefined> {
  let abort!: () => void;
  const aborted = new Promise<'aborted'>((resolve) => {
    abort = () => resolve('aborted');
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
  });
  try {
    const first = await Promise.race([promise.then((value) => ({ value })), aborted]);
    if (first !== 'aborted') return first.value;
    promise.then(onLate).catch(() => {});
    return undefined;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
