import type { Credentials } from '../credentials/Credentials.js';
import { ConflictError } from '../errors/ConflictError.js';
import type { EntryState } from '../store/EntryState.js';
import {
  encodeRecord,
  type NextRecord,
  overlayRecord,
  type StoredRecord,
  tokensOf,
} from '../store/StoredRecord.js';
import { backoff } from './Failure.js';
import { mergeTokenResponse } from './mergeTokenResponse.js';

/** A record as it was found or written, and how to publish it once no lock is held. */
export interface Committed {
  readonly record: StoredRecord;
  readonly publish: (record: StoredRecord) => void;
}

/**
 * Refreshed credentials on their way into storage. The old refresh token is spent, so until they are stored they
 * are served from memory, and where the write fails it is tried again until it succeeds or other tokens are stored.
 */
export class UncommittedRefresh {
  /** The tokens that are still stored. */
  readonly storedTokens: string;
  /** Milliseconds since the epoch; Infinity: no write waits to be tried again. */
  retryAt = Infinity;
  readonly #owner: EntryState;
  readonly #answers: Credentials[] = [];
  /** What tells our tokens from others. */
  #tokens = '';
  #attempt = 0;
  #isRetrying = false;

  constructor(owner: EntryState, storedTokens: string) {
    this.#owner = owner;
    this.storedTokens = storedTokens;
  }

  /** Takes one more answer, to a refresh of a record. */
  add(base: StoredRecord, answer: Credentials): this {
    this.#tokens = tokensOf(mergeTokenResponse(base, answer).credentials);
    this.#answers.push(answer);
    return this;
  }

  /** The credentials merged into what is stored: a change that others made to it stays. */
  over(stored: StoredRecord): StoredRecord {
    return overlayRecord(stored, this.#answers.reduce<NextRecord>(mergeTokenResponse, stored));
  }

  /**
   * Stores them.
   *
   * @throws {ConflictError} where the record is gone, or other tokens are stored that are no good.
   * @throws the storage's error where they can't be written; then they stay in memory.
   */
  async commit(): Promise<Committed> {
    const { store, storageKey, key } = this.#owner;
    const { context, storage, options } = store;
    const isCurrent = (): boolean => context.uncommitted.get(storageKey) === this;
    let record: StoredRecord | undefined;
    try {
      await storage.swap(storageKey, this.#owner, (text) => {
        record = this.#owner.decode(text);
        if (!isCurrent()) return false;
        this.#owner.conceal(record!.credentials);
        record = encodeRecord(record!, options.codec);
        return record.text;
      });
    } catch (error) {
      if (isCurrent()) {
        if (this.retryAt === Infinity) this.#owner.watch();
        this.#attempt += 1;
        this.retryAt = store.clock.now() + backoff(this.#attempt);
        storage.setWaiting(error);
      }
      throw error;
    }
    if (isCurrent()) context.dropUncommitted(storageKey);
    const publish = context.publisher(storageKey);
    if (record && (record.tokens === this.#tokens || this.#owner.isGood(record))) return { record, publish };
    const why = record ? 'others were stored meanwhile' : 'the user signed out meanwhile';
    throw new ConflictError(`The refreshed credentials were not stored: ${why}.`, {
      key,
      backend: storage.backend.name,
    });
  }

  /** Tries a failed write again where it is time; never rejects. */
  async retry(now = Infinity): Promise<void> {
    if (this.#isRetrying || this.retryAt === Infinity || now < this.retryAt) return;
    this.#isRetrying = true;
    try {
      const { record, publish } = await this.commit();
      publish(record);
    } catch (error) {
      this.#owner.store.report(error);
    }
    this.#isRetrying = false;
    this.#owner.publish();
  }

  /** They are stored, or others are. */
  drop(): void {
    if (this.retryAt === Infinity) return;
    this.retryAt = Infinity;
    this.#owner.store.storage.setWaiting(undefined);
    this.#owner.unwatch();
  }
}
