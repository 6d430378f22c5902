import { ConflictError } from '../errors/ConflictError.js';
import type { EntryState } from '../store/EntryState.js';
import { encodeRecord, overlayRecord, type NextRecord, type StoredRecord } from '../store/StoredRecord.js';
import { secretsOf } from '../store/secretsOf.js';
import { backoff } from './Failure.js';
import { mergeTokenResponse, type TokenAnswer } from './mergeTokenResponse.js';

/**
 * Refreshed credentials whose write failed. The old refresh token is spent, so they are served from memory, and
 * their write is tried again until it succeeds or somebody else's tokens are stored.
 */
export class UnsavedRecord {
  /** The state that looks after it, watched until the write has succeeded. */
  readonly owner: EntryState;
  /** The tokens that are still stored. */
  readonly storedTokens: string;
  /** Milliseconds since the epoch. */
  retryAt = 0;
  readonly #answers: readonly TokenAnswer[];
  #attempt = 0;
  #isSaving = false;

  constructor(owner: EntryState, storedTokens: string, answers: readonly TokenAnswer[]) {
    this.owner = owner;
    this.storedTokens = storedTokens;
    this.#answers = answers;
  }

  /** The same with one more answer, where another refresh came before the write succeeded. */
  with(answer: TokenAnswer): UnsavedRecord {
    return new UnsavedRecord(this.owner, this.storedTokens, [...this.#answers, answer]);
  }

  /** The credentials over what is stored. */
  over(stored: StoredRecord): StoredRecord {
    const merged = this.#answers.reduce<NextRecord>(
      (current, answer) => mergeTokenResponse(current, answer),
      stored,
    );
    return overlayRecord(stored, merged);
  }

  shortenWait(milliseconds: number): void {
    this.retryAt -= milliseconds;
  }

  /** Plans the next try. */
  plan(now: number): void {
    this.#attempt += 1;
    this.retryAt = now + backoff(this.#attempt);
  }

  saveIfDue(): void {
    if (this.owner.store.clock.now() >= this.retryAt) void this.save();
  }

  /** Tries the write again; never rejects. */
  async save(): Promise<void> {
    if (this.#isSaving) return;
    this.#isSaving = true;
    const state = this.owner;
    const { store } = state;
    try {
      await store.context.queue(state.storageKey, () => this.#write());
    } catch (error) {
      this.plan(store.clock.now());
      store.report(error);
    }
    this.#isSaving = false;
    state.publish();
  }

  async #write(): Promise<void> {
    const { store, storageKey, key } = this.owner;
    const { context, storage } = store;
    for (;;) {
      const record = await this.owner.peek();
      if (context.unsaved.get(storageKey) !== this) break;
      const next = encodeRecord(record!, store.options.codec);
      const secrets = secretsOf(record!.credentials);
      if (!(await storage.compareAndSet(storageKey, record!.text, next.text, { key, secrets }))) continue;
      context.dropUnsaved(storageKey);
      return context.written(storageKey)(next);
    }
    store.report(
      new ConflictError('Refreshed credentials were dropped: others were stored meanwhile.', { key }),
    );
    this.owner.reload();
  }
}
