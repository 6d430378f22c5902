import type { CredentialsExpiredError } from '../errors/CredentialsExpiredError.js';
import type { StoredRecord } from '../record/StoredRecord.js';

/** What an `expirySignal()` waits for: the end of the record that was stored when it was asked for. */
export class ExpiryWatch {
  /** The number of the first read that tells what is stored now. */
  readonly number: number;
  deadline = Infinity;
  #session: string | undefined;
  readonly #reason: CredentialsExpiredError;
  readonly #controller = new AbortController();

  /** `reason`: what the signal aborts with. */
  constructor(number: number, reason: CredentialsExpiredError) {
    this.number = number;
    this.#reason = reason;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether it waits for the end of this very record. */
  isFor(record: StoredRecord | undefined): boolean {
    return this.#session === record?.session && this.deadline === (record?.lifetime.deadline ?? Infinity);
  }

  /** Looks at what is stored; whether the wait is over. */
  check(record: StoredRecord | undefined, now: number): boolean {
    if (record && this.#session === undefined) {
      this.#session = record.session;
      this.deadline = record.lifetime.deadline ?? Infinity;
    }
    if (record?.session !== this.#session || !record || record.mark === 'queued' || now >= this.deadline)
      this.end();
    return this.signal.aborted;
  }

  end(): void {
    this.#controller.abort(this.#reason);
  }
}
