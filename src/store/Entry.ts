import type { Credentials, CredentialsInput } from '../credentials/Credentials.js';
import { isDeepEqual } from '../credentials/isDeepEqual.js';
import { handOut, parseMembers } from '../credentials/parseCredentials.js';
import { ClosedError } from '../errors/ClosedError.js';
import type { Expiry, ExpiryStatus } from '../expiry/Expiry.js';
import { boundCall } from '../refresh/boundCall.js';
import { getAccessToken } from '../refresh/getAccessToken.js';
import { startRefresh } from '../refresh/startRefresh.js';
import { bindLazily } from '../signals/bindLazily.js';
import type { Signal, Unsubscribe } from '../signals/Signal.js';
import { isPromise } from './isPromise.js';
import { createNonce } from './createNonce.js';
import type { CredentialEntry } from './CredentialEntry.js';
import type { EntryState } from './EntryState.js';
import { storageKey } from './storageKeys.js';
import { tokensOf } from './StoredRecord.js';
import { deleteStored, writeRecord } from './writeRecord.js';

const statuses: readonly string[] = [
  'loading',
  'absent',
  'queued',
  'fresh',
  'expiring',
  'expired',
] satisfies ExpiryStatus[];

type CallOptions = { readonly signal?: AbortSignal | undefined } | undefined;

class EntryFacade implements CredentialEntry {
  readonly key: string;
  readonly #state: EntryState;

  constructor(state: EntryState) {
    this.key = state.key;
    this.#state = state;
  }

  get credentials(): Signal<Credentials | undefined> {
    return this.#state.signals.credentials;
  }

  get expiry(): Signal<Expiry> {
    return this.#state.signals.expiry;
  }

  timeLeft({ every = 1000 }: { readonly every?: number | undefined } = {}): Signal<number | null> {
    if (!Number.isFinite(every) || every <= 0) {
      throw new TypeError('The option "every" must be a positive number of milliseconds.');
    }
    return this.#state.signals.timeLeft(every);
  }

  get(): Promise<Credentials | undefined> {
    return this.#run(async () => {
      const record = await this.#state.read();
      return record && handOut(record.credentials);
    });
  }

  set(input: CredentialsInput): Promise<void> {
    return this.#run(async () => {
      const credentials = parseMembers(input);
      const tokens = tokensOf(credentials);
      await writeRecord(
        this.#state,
        (current) => ({ credentials, session: current?.tokens === tokens ? current.session : createNonce() }),
        true,
      );
    });
  }

  update(
    change: (current: Credentials | undefined) => CredentialsInput | undefined,
  ): Promise<Credentials | undefined> {
    return this.#run(async () => {
      if (typeof change !== 'function') throw new TypeError('update() takes a function.');
      const record = await writeRecord(this.#state, (current) => {
        const input = change(current && handOut(current.credentials));
        if (isPromise(input)) {
          input.then(undefined, () => {});
          throw new TypeError('update() takes a synchronous function.');
        }
        if (input === undefined) return undefined;
        const credentials = parseMembers(input);
        if (!current) return { credentials, session: createNonce() };
        if (isDeepEqual(credentials, current.credentials)) return current;
        // A mark is about one access token.
        const isMarked = credentials.access_token === current.credentials.access_token;
        return { credentials, session: current.session, mark: isMarked ? current.mark : undefined };
      });
      return record && handOut(record.credentials);
    });
  }

  delete(): Promise<void> {
    const state = this.#state;
    return this.#run(async () => {
      await deleteStored(state, state.storageKey, true);
      for (const kind of ['#damaged', '#rejection'] as const)
        await deleteStored(state, storageKey(state.store.options.namespace, state.key, kind));
    });
  }

  refresh(options?: CallOptions): Promise<Credentials> {
    const state = this.#state;
    return this.#run(
      async () => {
        if (!state.store.options.refresh)
          throw new TypeError('refresh() needs the option "refresh" of the store.');
        return handOut((await startRefresh(state, true)).credentials);
      },
      options,
      true,
    );
  }

  getAccessToken(options?: CallOptions): Promise<string> {
    const state = this.#state;
    return this.#run(() => getAccessToken(state), options, true);
  }

  invalidate(accessToken?: string): Promise<void> {
    return this.#run(async () => {
      if (accessToken !== undefined && typeof accessToken !== 'string') {
        throw new TypeError('invalidate() takes the access token that was refused, a string.');
      }
      await writeRecord(this.#state, (current) => {
        const isAnother = accessToken !== undefined && accessToken !== current?.credentials.access_token;
        if (!current || isAnother || current.mark === 'queued') return current;
        return { credentials: current.credentials, session: current.session, mark: 'queued' };
      });
    });
  }

  until(status: ExpiryStatus | readonly ExpiryStatus[], options?: CallOptions): Promise<Expiry> {
    const { store } = this.#state;
    const wanted = [status].flat() as readonly string[];
    if (!wanted.length || !wanted.every((each) => statuses.includes(each)))
      return Promise.reject(new TypeError(`until() takes one or several of: ${statuses.join(', ')}.`));
    let unsubscribe: Unsubscribe | undefined;
    let release: (() => void) | undefined;
    const reached = this.#run(
      () =>
        new Promise<Expiry>((resolve, reject) => {
          release = store.scheduler.hold();
          unsubscribe = this.expiry.subscribe({
            next: (expiry) => wanted.includes(expiry.status) && resolve(expiry),
            complete: () => reject(new ClosedError('The store is closed. Create another one to go on.')),
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
    return this.#state.expirySignal();
  }

  #run<T>(work: () => Promise<T>, options?: CallOptions, isBounded = false): Promise<T> {
    const state = this.#state;
    const bound = isBounded ? (giveUp: (error: unknown) => void) => boundCall(state, giveUp) : undefined;
    return state.store.run(work, this.key, options?.signal, bound);
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
