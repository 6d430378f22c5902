import { startTimer } from '../store/withTimeout.js';
import type { Connection } from './Connection.js';
import { Script } from './Script.js';

/** Of its length, a lease is renewed after this part, so that two renewals may fail. */
const renewals = 3;
/** How many lengths a released lease stays where the last write under it may still be made good. */
const lingering = 4;

const renewScript = /* @__PURE__ */ new Script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`);
const releaseScript = /* @__PURE__ */ new Script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`);

/**
 * A lease that the server has given to this backend, and that is renewed for as long as it is held.
 *
 * What fails or is pending under it once the record was read may belong to the commit of a refresh: the old refresh
 * token is spent, and who got the lease now would send it again. So the lease then stays for a while after its
 * release, until a write comes through.
 */
export class HeldLease {
  readonly token: string;
  readonly #name: string;
  readonly #connection: Connection;
  readonly #duration: number;
  readonly #onEnd: () => void;
  readonly #lost = new AbortController();
  /** By the monotonic clock of this process; the server's copy ends later. */
  #endsAt: number;
  #timer: ReturnType<typeof startTimer> | undefined;
  #releasedAt: number | undefined;
  #hasRead = false;
  #pendingReads = 0;
  #pendingWrites = 0;
  /** Since when a commit may be missing. */
  #doubtSince: number | undefined;
  #isOver = false;

  constructor(
    connection: Connection,
    { name, token, duration, askedAt }: LeaseGrant,
    /** Called once, when the server has no lease of ours any more. */
    onEnd: () => void,
  ) {
    this.#connection = connection;
    this.#name = name;
    this.token = token;
    this.#duration = duration;
    this.#endsAt = askedAt + duration;
    this.#onEnd = onEnd;
    this.#arm();
  }

  /** Aborted when the lease is lost. */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  /** Whether it was released, and stays only for a write in doubt: its own backend may take it up again. */
  get isLingering(): boolean {
    return !this.#isOver && this.#releasedAt !== undefined;
  }

  takeUp(): void {
    this.#releasedAt = undefined;
    this.#hasRead = false;
  }

  async release(): Promise<void> {
    if (this.#isOver || this.#releasedAt !== undefined) return;
    this.#releasedAt = performance.now();
    // Whoever read gave up waiting, so no write will follow on that.
    if (this.#hasRead && this.#pendingReads > 0) this.#doubt();
    if (!this.#mayStillCommit) await this.end();
  }

  /** Takes note of a read of the leased key. Before the first one nothing can have been sent. */
  async read<T>(read: () => Promise<T>): Promise<T> {
    this.#pendingReads += 1;
    try {
      const result = await read();
      this.#hasRead = true;
      return result;
    } catch (error) {
      if (this.#hasRead) this.#doubt();
      throw error;
    } finally {
      this.#pendingReads -= 1;
    }
  }

  /** Takes note of a write of the leased key. */
  async write<T>(write: () => Promise<T>): Promise<T> {
    this.#pendingWrites += 1;
    try {
      const result = await write();
      this.#doubtSince = undefined;
      return result;
    } catch (error) {
      this.#doubt();
      throw error;
    } finally {
      this.#pendingWrites -= 1;
      // Nobody waits for this; where it fails, the lease ends by itself.
      if (this.isLingering && !this.#mayStillCommit) this.end().catch(() => {});
    }
  }

  /** Gives it back at once. */
  async end(): Promise<void> {
    if (this.#isOver) return;
    this.#over();
    await releaseScript.run(this.#connection, [this.#name], [this.token]);
  }

  get #mayStillCommit(): boolean {
    return this.#doubtSince !== undefined || this.#pendingWrites > 0;
  }

  #doubt(): void {
    this.#doubtSince ??= performance.now();
  }

  #over(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#onEnd();
  }

  #lose(): void {
    if (this.#isOver) return;
    this.#over();
    this.#lost.abort();
  }

  #arm(): void {
    const untilEnd = this.#endsAt - performance.now();
    this.#timer = startTimer(
      () => void this.#renew(),
      Math.min(this.#duration / renewals, Math.max(untilEnd, 0)),
    );
  }

  async #renew(): Promise<void> {
    const askedAt = performance.now();
    if (askedAt >= this.#endsAt) return this.#lose();
    if (this.isLingering && askedAt - (this.#doubtSince ?? this.#releasedAt!) > this.#duration * lingering) {
      return this.end().catch(() => {});
    }
    // The answer is not waited for: it may never come, and the time of the lease runs on.
    this.#arm();
    try {
      const args = [this.token, String(this.#duration)];
      const isRenewed = Number(await renewScript.run(this.#connection, [this.#name], args)) === 1;
      if (isRenewed) this.#endsAt = Math.max(this.#endsAt, askedAt + this.#duration);
      else this.#lose();
    } catch {
      // The next renewal may succeed.
    }
  }
}

/** What the server was asked for and has granted. */
export interface LeaseGrant {
  readonly name: string;
  readonly token: string;
  /** Milliseconds. */
  readonly duration: number;
  /** When, by the monotonic clock. */
  readonly askedAt: number;
}
