import type { Credentials, CredentialsInput } from '../credentials/Credentials.js';
import { handOut } from '../credentials/parseCredentials.js';
import type { Expiry, ExpiryStatus } from '../expiry/Expiry.js';
import { boundCall } from '../refresh/boundCall.js';
import { getAccessToken } from '../refresh/getAccessToken.js';
import { startRefresh } from '../refresh/startRefresh.js';
import { bindLazily } from '../signals/bindLazily.js';
import type { Signal, Unsubscribe } from '../signals/Signal.js';
import { closedError } from '../state/closedError.js';
import { credentialsSignal, expirySignalOf, timeLeftSignal } from '../state/entrySignals.js';
import { createExpirySignal } from '../state/expirySignal.js';
import type { EntryState } from '../state/model.js';
import { read } from '../state/read.js';
import type { Calls } from './Calls.js';
import { invalidate, remove, set, update } from './changes.js';
import type { CredentialEntry } from './CredentialEntry.js';

const statuses: readonly string[] = [
  'loading',
  'absent',
  'queued',
  'fresh',
  'expiring',
  'expired',
] satisfies ExpiryStatus[];

type Options = { readonly signal?: AbortSignal | undefined } | undefined;

class EntryFacade implements CredentialEntry {
  readonly key: string;
  readonly #state: EntryState;
  readonly #calls: Calls;

  constructor(state: EntryState, calls: Calls) {
    this.key = state.key;
    this.#state = state;
    this.#calls = calls;
  }

  get credentials(): Signal<Credentials | undefined> {
    return credentialsSignal(this.#state);
  }

  get expiry(): Signal<Expiry> {
    return expirySignalOf(this.#state);
  }

  timeLeft({ every = 1000 }: { readonly every?: number | undefined } = {}): Signal<number | null> {
    if (!Number.isFinite(every) || every <= 0) {
      throw new TypeError('The option "every" must be a positive number of milliseconds.');
    }
    return timeLeftSignal(this.#state, every);
  }

  get(): Promise<Credentials | undefined> {
    return this.#run(async () => {
      const record = await read(this.#state);
      return record && handOut(record.credentials);
    });
  }

  set(input: CredentialsInput): Promise<void> {
    return this.#run(() => set(this.#state, input));
  }

  update(
    change: (current: Credentials | undefined) => CredentialsInput | undefined,
  ): Promise<Credentials | undefined> {
    return this.#run(() => update(this.#state, change));
  }

  delete(): Promise<void> {
    return this.#run(() => remove(this.#state));
  }

  refresh(options?: Options): Promise<Credentials> {
    return this.#runBounded(async () => {
      const state = this.#state;
      if (!state.store.options.refresh)
        throw new TypeError('refresh() needs the option "refresh" of the store.');
      const { credentials } = await startRefresh(state, { isExplicit: true, hasCaller: true });
      return handOut(credentials);
    }, options);
  }

  getAccessToken(options?: Options): Promise<string> {
    return this.#runBounded(() => getAccessToken(this.#state), options);
  }

  invalidate(accessToken?: string): Promise<void> {
    return this.#run(() => invalidate(this.#state, accessToken));
  }

  until(status: ExpiryStatus | readonly ExpiryStatus[], options?: Options): Promise<Expiry> {
    const wanted = [status].flat() as readonly string[];
    if (!wanted.length || !wanted.every((each) => statuses.includes(each)))
      return Promise.reject(new TypeError(`until() takes one or several of: ${statuses.join(', ')}.`));
    let unsubscribe: Unsubscribe | undefined;
    let release: (() => void) | undefined;
    const { store } = this.#state;
    const reached = this.#run(
      () =>
        new Promise<Expiry>((resolve, reject) => {
          release = store.scheduler.hold();
          unsubscribe = this.expiry.subscribe({
            next: (expiry) => wanted.includes(expiry.status) && resolve(expiry),
            complete: () => reject(closedError(store)),
          });
        }),
      options,
    );
    const settled = (): void => {
      unsubscribe?.();
      release?.();
    };
    reached.then(settled, settled);
    return reached;
  }

  expirySignal(): AbortSignal {
    return createExpirySignal(this.#state);
  }

  #run<T>(work: () => Promise<T>, options?: Options): Promise<T> {
    return this.#calls.run(work, { key: this.key, signal: options?.signal });
  }

  /** Runs a call that may wait for a refresh. */
  #runBounded<T>(work: () => Promise<T>, options?: Options): Promise<T> {
    const bound = (leave: (error: unknown) => void): (() => void) => boundCall(this.#state, leave);
    return this.#calls.run(work, { key: this.key, signal: options?.signal, bound });
  }
}

/** The entry that users hold: it shows nothing of what is stored when it is inspected. */
export const Entry: typeof EntryFacade = /* @__PURE__ */ bindLazily(EntryFacade, [
  'timeLeft',
  'get',
  'set',
  'update',
  'delete',
  'refresh',
  'getAccessToken',
  'invalidate',
  'until',
  'expirySignal',
]);
