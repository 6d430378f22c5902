import type { Credentials } from '../credentials/Credentials.js';
import { isDeepEqual } from '../credentials/isDeepEqual.js';
import type { ShelflifeError } from '../errors/ShelflifeError.js';
import type { ExpiryStatus } from '../expiry/Expiry.js';
import { statusOf } from '../expiry/expiryOf.js';
import type { UncommittedRefresh } from '../refresh/UncommittedRefresh.js';
import type { MaybePromise } from '../storage/StorageBackend.js';
import { attempt } from './isPromise.js';
import { type Found, KnownRecord } from './KnownRecord.js';
import { secretsOf } from './secretsOf.js';
import type { StoreCore } from './StoreCore.js';
import { decodeRecord, type StoredRecord } from './StoredRecord.js';

/** The reading side of an entry: what is stored, what is known of it, and what waits in memory for its write. */
export abstract class RecordReader {
  readonly known = new KnownRecord();
  readonly store: StoreCore;
  readonly key: string;
  readonly storageKey: string;
  /** What was last read of storage, and what was last to be written: neither may appear in an error. */
  #read: Credentials | undefined;
  #written: Credentials | undefined;
  #wasRead = false;
  #isReading = false;
  #readsAgain = false;

  constructor(store: StoreCore, key: string, storageKey: string) {
    this.store = store;
    this.key = key;
    this.storageKey = storageKey;
  }

  /** Whether somebody needs the entry kept current. */
  abstract get isObserved(): boolean;

  /** Takes over what a read or a write found, unless something later is known, and publishes it. */
  abstract apply(ticket: number, found: Found): void;

  get record(): StoredRecord | undefined {
    return this.known.record;
  }

  get deadline(): number | null | undefined {
    return this.record?.lifetime.deadline;
  }

  get now(): number {
    return this.store.clock.now();
  }

  /** The time by which credentials are judged. */
  get moment(): number {
    return this.store.clock.moment;
  }

  /** Refreshed credentials on their way into storage. */
  get uncommitted(): UncommittedRefresh | undefined {
    return this.store.context.uncommitted.get(this.storageKey);
  }

  /** The strings that must not appear in the text of an error. */
  get secrets(): string[] {
    return secretsOf([this.record?.credentials, this.#read, this.#written]);
  }

  /** Makes sure that the tokens in credentials to be written appear in no error. */
  conceal(credentials: Credentials): void {
    this.#written = credentials;
  }

  statusOf({ lifetime, mark }: StoredRecord): ExpiryStatus {
    return statusOf(lifetime, this.moment, { ...this.store.options, mark });
  }

  /** Whether the access token of a record may be given out. */
  isGood(record: StoredRecord): boolean {
    const status = this.statusOf(record);
    return status === 'fresh' || status === 'expiring';
  }

  /** Before a signal is read while nothing keeps it current: the first read of storage, or every one where it answers at once. */
  touch(): void {
    if (this.isObserved || this.store.isClosed) return;
    if (!(this.#wasRead || this.known.isLoaded) || this.store.storage.isSynchronous) this.reload();
  }

  /** Reads storage in the background; once more if a read that may have been too early is under way. */
  reload(): void {
    if (this.#isReading) {
      this.#readsAgain = true;
      return;
    }
    this.#isReading = true;
    const before = this.known.failure?.error;
    const ended = (): void => {
      this.#isReading = false;
      if (!this.#readsAgain) return;
      this.#readsAgain = false;
      this.reload();
    };
    void attempt(
      () => this.read(),
      ended,
      (error) => {
        // The same failure, again and again, is told once.
        if (!isDeepEqual(error, before)) this.store.report(error);
        ended();
      },
    );
  }

  /** Reads storage and publishes what it read. */
  read(): MaybePromise<StoredRecord | undefined> {
    this.#wasRead = true;
    const ticket = this.known.takeTicket();
    return attempt(
      () => this.peek(),
      (record) => {
        this.apply(ticket, { record });
        return record;
      },
      (error) => {
        const { uncommitted, record } = this;
        const isServed = uncommitted && (!record || uncommitted.isOver(record));
        const served = isServed ? uncommitted.record : uncommitted && record;
        this.apply(ticket, { error: error as ShelflifeError, ...(served && { record: served }) });
        if (served) return served;
        throw error;
      },
    );
  }

  /** Reads storage and tells nobody. */
  peek(): MaybePromise<StoredRecord | undefined> {
    const { uncommitted } = this;
    return attempt(
      () => this.store.storage.get(this.storageKey, this),
      (text) => this.decode(text, uncommitted),
      (error) => {
        throw error;
      },
    );
  }

  /**
   * The record in a stored text, with what waits in memory for its write. `before`: what waited when the read began;
   * it is dropped where other tokens are stored by now.
   */
  decode(text: string | undefined, before?: UncommittedRefresh): StoredRecord | undefined {
    let stored: StoredRecord | undefined;
    try {
      stored = this.parse(text);
    } catch (error) {
      throw this.store.storage.failed(error, 'read', this);
    }
    const { uncommitted } = this;
    if (stored && uncommitted?.isOver(stored)) return uncommitted.over(stored);
    this.store.context.dropUncommitted(this.storageKey, before);
    return stored;
  }

  /** The record in a stored text, as it is. From here on, its tokens appear in no error. */
  parse(text: string | undefined): StoredRecord | undefined {
    if (text === undefined) return undefined;
    const { record } = this;
    const isKnown = text === record?.text && record.tokens === record.storedTokens;
    const stored = isKnown ? record : decodeRecord(text, this.store.options.codec);
    this.#read = stored.credentials;
    return stored;
  }
}
