import type { Credentials } from '../credentials/Credentials.js';
import { ConflictError } from '../errors/ConflictError.js';
import type { ShelflifeError } from '../errors/ShelflifeError.js';
import { StorageUnavailableError } from '../errors/StorageUnavailableError.js';
import type { Publish } from '../store/BackendContext.js';
import type { EntryState } from '../store/EntryState.js';
import { Failure } from '../store/Failure.js';
import {
  encodeRecord,
  type NextRecord,
  overlayRecord,
  type StoredRecord,
  tokensOf,
} from '../store/StoredRecord.js';
import { holdProcess } from '../store/withTimeout.js';
import { mergeTokenResponse } from './mergeTokenResponse.js';

/** A record as it was found or written, and how to publish it once no lock is held. */
export interface Committed {
  readonly record: StoredRecord;
  readonly publish: Publish;
}

/**
 * Refreshed credentials on their way into storage. The old refresh token is spent, so until they are stored they
 * are served from memory, and where the write fails it is tried again until it succeeds or other tokens are stored.
 */
export class UncommittedRefresh {
  /** Why the last write failed, and when it is tried again; `undefined` while none has failed. */
  failure: Failure | undefined;
  /** The entry of whoever asked. Its store may be closed by now. */
  readonly #state: EntryState;
  /** The stored record that was refreshed. */
  readonly #base: StoredRecord;
  readonly #answers: readonly Credentials[];
  /** What tells the tokens that were refreshed: the answers belong over a record with one of these. */
  readonly #refreshed: ReadonlySet<string>;
  /** What tells our tokens from others. */
  readonly #tokens: string;
  #retrying: Promise<void> | undefined;
  /** Lets the process end though they are not stored. */
  #letGo: (() => void) | undefined;

  /** The answer to a refresh of a record, which may be one with the answers of `before` over it. */
  constructor(state: EntryState, base: StoredRecord, answer: Credentials, before?: UncommittedRefresh) {
    this.failure = before?.failure;
    this.#state = state;
    this.#base = before ? before.#base : base;
    this.#answers = before ? [...before.#answers, answer] : [answer];
    this.#refreshed = new Set([...(before ? before.#refreshed : []), base.storedTokens, base.tokens]);
    this.#tokens = tokensOf(mergeTokenResponse(base, answer).credentials);
    before?.letGo();
  }

  /** Keeps the process alive until they are stored, or the time of the storage has passed; then that is told. */
  hold(): void {
    const { store } = this.#state;
    this.#letGo = holdProcess(store.options.timeout, () => this.#tellLoss());
  }

  /** They are stored, others are, or nobody waits for that any more. */
  letGo(): void {
    this.#letGo?.();
    this.#letGo = undefined;
  }

  /** Nobody tries to write them again. */
  giveUp(): void {
    if (!this.#letGo) return;
    this.letGo();
    // `onError` has heard of the last try.
    if (!this.#state.store.options.onError) this.#tellLoss();
  }

  #tellLoss(): void {
    const { store, key } = this.#state;
    const { name } = store.storage.backend;
    this.#letGo = undefined;
    store.reportAloud(
      new StorageUnavailableError(
        `The refreshed credentials could not be written to the storage "${name}" in time. They are in the memory of ` +
          'this process only, and what is stored can no longer be refreshed.',
        { cause: this.failure?.error, key, backend: name },
      ),
    );
  }

  /** The credentials, where storage can't be read. */
  get record(): StoredRecord {
    return this.over(this.#base);
  }

  /** Whether the answers belong over a record. */
  isOver({ storedTokens }: StoredRecord): boolean {
    return this.#refreshed.has(storedTokens);
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
  async commit(state: EntryState): Promise<Committed> {
    const { store, storageKey, key } = state;
    const { context, storage, options } = store;
    const isCurrent = (): boolean => context.uncommitted.get(storageKey) === this;
    let record: StoredRecord | undefined;
    let publish = context.publisher(storageKey);
    try {
      await context.writes.run(storageKey, () =>
        storage.swap(storageKey, state, (text) => {
          record = state.decode(text);
          if (!isCurrent() || !record || !this.isOver(record)) return false;
          state.conceal(record.credentials);
          record = encodeRecord(record, options.codec);
          publish = context.publisher(storageKey);
          return record.text;
        }),
      );
    } catch (error) {
      if (isCurrent()) {
        this.failure = new Failure(error as ShelflifeError, this.failure, store.clock.now());
        context.uncommittedChanged(storageKey);
      }
      throw error;
    }
    context.dropUncommitted(storageKey, this);
    if (record && (record.tokens === this.#tokens || state.isGood(record))) return { record, publish };
    const why = record ? 'others were stored meanwhile' : 'the user signed out meanwhile';
    throw new ConflictError(`The refreshed credentials were not stored: ${why}.`, {
      key,
      backend: storage.backend.name,
    });
  }

  /** Tries a failed write again; never rejects. */
  retry(state: EntryState = this.#state): Promise<void> {
    if (!this.failure) return Promise.resolve();
    return (this.#retrying ??= this.#retry(state).finally(() => (this.#retrying = undefined)));
  }

  async #retry(state: EntryState): Promise<void> {
    const { store, storageKey } = state;
    try {
      const { record, publish } = await this.commit(state);
      await publish(record);
    } catch (error) {
      store.report(error);
    }
    store.context.publish(storageKey);
  }
}
