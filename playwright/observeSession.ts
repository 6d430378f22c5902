import type { Page } from '@playwright/test';
import type { AuthorizationServer } from '../examples/authorization-server/startAuthorizationServer.mjs';
import type { CredentialEntry, Credentials, CredentialStore, ExpiryStatus } from '../src/index.js';
import { expect } from './fixtures.js';

/** What a subscriber was told, and when. */
export interface Observation {
  readonly accessToken: string | undefined;
  readonly issuedAt: number | undefined;
  readonly at: number;
}

/** A page's view of the one session that all pages share. */
export interface ObservedSession {
  readonly store: CredentialStore;
  readonly entry: CredentialEntry;
  readonly seen: Observation[];
  readonly statuses: ExpiryStatus[];
  /** How many access tokens it takes until the page stops to observe. */
  tokensToSee: number;
}

declare global {
  var session: ObservedSession;
}

/** The backends that tabs share. */
export type BackendName = 'indexedDBBackend' | 'localStorageBackend';

export interface SessionOptions {
  /** Seconds. */
  readonly leeway?: number;
  /** Milliseconds. */
  readonly timeout?: number;
  /** Milliseconds. */
  readonly refreshTimeout?: number;
  /** Default is the one on IndexedDB. */
  readonly backend?: BackendName;
}

/** Observes the shared session in a page as `globalThis.session`, with a `refresh` that asks the server. */
export async function observeSession(
  page: Page,
  { tokenEndpoint, clientId }: AuthorizationServer,
  {
    leeway = 1,
    timeout = 10_000,
    refreshTimeout = 30_000,
    backend: backendName = 'indexedDBBackend',
  }: SessionOptions = {},
): Promise<void> {
  await page.evaluate(
    (options) => {
      const backend = shelflife[options.backendName]();
      let stopsAfterCommit = false;
      const storage = Object.defineProperty(Object.create(backend) as typeof backend, 'compareAndSet', {
        value: async (...change: Parameters<typeof backend.compareAndSet>) => {
          const isStored = await backend.compareAndSet(...change);
          if (stopsAfterCommit) await new Promise(() => {});
          return isStored;
        },
      });
      const store = shelflife.createCredentialStore({
        storage,
        leeway: options.leeway,
        timeout: options.timeout,
        refreshTimeout: options.refreshTimeout,
        async refresh({ refresh_token: refreshToken }, { signal }) {
          const body = new URLSearchParams({
            grant_type: 'refresh_token',
            client_id: options.clientId,
            refresh_token: String(refreshToken),
          });
          const response = await fetch(options.tokenEndpoint, { method: 'POST', body, signal });
          stopsAfterCommit = response.headers.has('stops-after-commit');
          return response.json();
        },
        // What fails is found in the signals.
        onError: () => {},
      });
      const entry = store.entry();
      const seen: Observation[] = [];
      const statuses: ExpiryStatus[] = [];
      globalThis.session = {
        store,
        entry,
        seen,
        statuses,
        tokensToSee: Infinity,
      };
      const note = (credentials: Credentials | undefined): void => {
        const accessToken = credentials?.access_token;
        if (seen.at(-1)?.accessToken === accessToken) return;
        seen.push({ accessToken, issuedAt: credentials?.issued_at?.getTime(), at: Date.now() });
        if (seen.filter((observation) => observation.accessToken).length === session.tokensToSee)
          void store.close();
      };
      entry.credentials.subscribe(note);
      entry.expiry.subscribe(({ status }) => statuses.push(status));
    },
    { tokenEndpoint, clientId, leeway, timeout, refreshTimeout, backendName },
  );
}

/** Signs in with new tokens, and waits until every page has heard of it. Resolves with the access token. */
export async function signIn(
  [page, ...others]: readonly Page[],
  server: AuthorizationServer,
): Promise<string> {
  const tokens = await server.mintTokens();
  await page!.evaluate((answer) => session.entry.set(shelflife.fromTokenResponse(answer)), { ...tokens });
  await Promise.all(
    [page!, ...others].map((each) =>
      each.waitForFunction(
        (token) => session.seen.some(({ accessToken }) => accessToken === token),
        tokens.access_token,
      ),
    ),
  );
  return tokens.access_token;
}

/** The access token that a page's signal holds now. */
export function heldToken(page: Page): Promise<string | undefined> {
  return page.evaluate(() => session.entry.credentials.value?.access_token);
}

/** Waits until all pages hold the same access token, another than `before`, and none is refreshing. */
export async function allHoldAnother(pages: readonly Page[], before: string | undefined): Promise<string> {
  let common: string | undefined;
  await expect
    .poll(
      async () => {
        const views = await Promise.all(
          pages.map((page) =>
            page.evaluate(() => ({
              token: session.entry.credentials.value?.access_token,
              refreshing: session.entry.expiry.value.refreshing,
            })),
          ),
        );
        common = views[0]!.token;
        return (
          common !== undefined &&
          common !== before &&
          views.every(({ token, refreshing }) => token === common && !refreshing)
        );
      },
      { message: 'all pages hold the same new access token', timeout: 15_000, intervals: [50] },
    )
    .toBe(true);
  return common!;
}

/** What the server saw was one presentation of each refresh token, and nothing to complain about. */
export function expectNothingLost({ counters }: AuthorizationServer): void {
  const { refusals, revokedFamilies, presentations } = counters;
  expect({ refusals, revokedFamilies }).toEqual({ refusals: 0, revokedFamilies: 0 });
  expect(
    [...presentations.values()].every((times) => times === 1),
    'each refresh token is sent once',
  ).toBe(true);
}
