import { startTimer } from '../store/withTimeout.js';
import type { Connection, Subscriber } from './Connection.js';
import { pause } from '../storage/pause.js';

type Listener = (key: string | undefined) => void;

/** How long to wait before connecting again, in milliseconds: from the first to the longest, with jitter. */
const firstPause = 50;
const longestPause = 5000;
/** How often a silent connection is asked whether it still lives, and how long it may take to answer. */
const pingInterval = 15_000;

/**
 * Hears of changes by a connection of its own, while anybody listens. What was published while there was none is
 * lost, so each time it connects, everything counts as changed.
 */
export class Hints {
  readonly #connection: Connection;
  readonly #channel: string;
  /** Begins the messages of this backend, which need not be told to itself. */
  readonly #origin: string;
  readonly #listeners = new Set<{ readonly listener: Listener }>();
  #running: AbortController | undefined;

  constructor(connection: Connection, channel: string, origin: string) {
    this.#connection = connection;
    this.#channel = channel;
    this.#origin = origin;
  }

  /** What is to be published when a key changes. */
  message(key: string): string {
    return `${this.#origin} ${key}`;
  }

  subscribe(listener: Listener): () => void {
    const entry = { listener };
    this.#listeners.add(entry);
    if (!this.#running) {
      this.#running = new AbortController();
      void this.#run(this.#running.signal);
    }
    return () => {
      this.#listeners.delete(entry);
      if (this.#listeners.size === 0) this.#stop();
    };
  }

  close(): void {
    this.#listeners.clear();
    this.#stop();
  }

  #stop(): void {
    this.#running?.abort();
    this.#running = undefined;
  }

  async #run(stopped: AbortSignal): Promise<void> {
    for (let longest = firstPause; !stopped.aborted; longest = Math.min(longest * 2, longestPause)) {
      try {
        const subscriber = await this.#connection.openSubscriber(this.#channel, (message) => {
          if (!stopped.aborted) this.#hear(message);
        });
        longest = firstPause;
        if (!stopped.aborted) this.#tell(undefined);
        await untilEnd(subscriber, stopped);
      } catch {
        // The commands of the backend tell of a server that can't be reached.
      }
      await pause(longest / 2 + (Math.random() * longest) / 2, stopped);
    }
  }

  #hear(message: string): void {
    const end = message.indexOf(' ');
    if (message.slice(0, end) !== this.#origin) this.#tell(message.slice(end + 1));
  }

  #tell(key: string | undefined): void {
    for (const { listener } of this.#listeners) {
      try {
        listener(key);
      } catch {
        // Hints have nobody to report to, and the other listeners are to get theirs.
      }
    }
  }
}

/** Waits until a connection ends, is stopped, or no longer answers. */
async function untilEnd(subscriber: Subscriber, stopped: AbortSignal): Promise<void> {
  const ended = new AbortController();
  const end = (): void => ended.abort();
  void subscriber.ended.then(end);
  stopped.addEventListener('abort', end, { once: true });
  if (stopped.aborted) end();
  try {
    while (!ended.signal.aborted) {
      await pause(pingInterval, ended.signal);
      const timer = startTimer(end, pingInterval);
      if (!ended.signal.aborted) await Promise.race([subscriber.ping(), pause(pingInterval, ended.signal)]);
      clearTimeout(timer);
    }
  } finally {
    stopped.removeEventListener('abort', end);
    subscriber.close();
  }
}
