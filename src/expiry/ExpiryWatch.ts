import type { StoredRecord } from '../store/StoredRecord.js';
import { CredentialsExpiredError } from '../errors/CredentialsExpiredError.js';

/** What an `expirySignal()` waits for: the end of the record that was stored when it was asked for. */
export class ExpiryWatch {
  readonly #controller = new AbortController();
  readonly #key: string;
  /** The ticket of the first read that tells what is stored now. */
  readonly ticket: number;
  #bound: { readonly session: string; readonly deadline: number } | undefined;

  constructor(key: string, ticket: number) {
    this.#key = key;
    this.ticket = ticket;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get deadline(): number {
    return this.#bound?.deadline ?? Infinity;
  }

  /** Whether it waits for the end of this very record. */
  isFor(record: StoredRecord | undefined): boolean {
    return (
      !!record &&
      this.#bound?.session === record.session &&
      this.deadline === (record.lifetime.deadline ?? Infinity)
    );
  }

  /** Looks at what is stored; whether the wait is over. */
  check(record: StoredRecord | undefined, now: number): boolean {
    this.#bound ??= record && { session: record.session, deadline: record.lifetime.deadline ?? Infinity };
    const ended = !record || record.session !== this.#bound?.session || record.mark === 'queued';
    if (ended || now >= this.deadline) this.end();
    return this.signal.aborted;
  }

  end(): void {
    if (this.signal.aborted) return;
    this.#controller.abort(
      new CredentialsExpiredError(
        'The credentials of this signal expired, were invalidated, or their session ended.',
        { key: this.#key },
      ),
    );
  }
}
