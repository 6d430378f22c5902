import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from '../../examples/authorization-server/startAuthorizationServer.mjs';
import { startModuleServer } from '../../playwright/startModuleServer.js';
import { missingForWebKit, startWebKit, type WebKitBrowser, type WebKitTab } from './startWebKit.js';

/** Epoch milliseconds of a time of issue. */
const issuedAt = Date.UTC(2026, 10, 22, 12);
const missing = missingForWebKit();

describe.skipIf(missing)(`WebKit${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let server: Awaited<ReturnType<typeof startModuleServer>>;
  let authorization: AuthorizationServer;
  let browser: WebKitBrowser;
  let tabs: readonly [WebKitTab, WebKitTab];

  beforeAll(async () => {
    server = await startModuleServer();
    authorization = await startAuthorizationServer({ accessTokenLifetime: 3 });
    browser = await startWebKit();
    tabs = [await openTab(), await openTab()];
  });

  afterAll(async () => {
    await browser?.close();
    await authorization?.close();
    await server?.close();
  });

  async function openTab(): Promise<WebKitTab> {
    const tab = await browser.openTab();
    await tab.goTo(server.origin);
    await libraryOf(tab);
    return tab;
  }

  test('credentials survive a reload, with their Date', async () => {
    const [tab] = tabs;
    await tab.evaluate(async (time) => {
      const store = shelflife.createCredentialStore({ storage: shelflife.indexedDBBackend() });
      await store
        .entry('reload')
        .set({ access_token: 'the access token', issued_at: new Date(time), expires_in: null, scope: 'all' });
    }, issuedAt);
    await tab.reload();
    await libraryOf(tab);
    const read = await tab.evaluate(async () => {
      const store = shelflife.createCredentialStore({ storage: shelflife.indexedDBBackend() });
      const credentials = await store.entry('reload').get();
      const { issued_at: issue } = credentials!;
      return { ...credentials, issued_at: issue instanceof Date && issue.getTime() };
    }, undefined);
    expect(read).toEqual({
      access_token: 'the access token',
      issued_at: issuedAt,
      expires_in: null,
      scope: 'all',
    });
  });

  for (const backend of ['indexedDBBackend', 'localStorageBackend'] as const) {
    test(`${backend}: signing in and out in one tab reaches the signal of another within a second`, async () => {
      const [writer, reader] = tabs;
      await reader.evaluate((name) => {
        const seen: { readonly accessToken: string | null; readonly at: number }[] = [];
        shelflife
          .createCredentialStore({ storage: shelflife[name]() })
          .entry('signal')
          .credentials.subscribe((credentials) =>
            seen.push({ accessToken: credentials?.access_token ?? null, at: Date.now() }),
          );
        Object.assign(globalThis, { seen });
      }, backend);
      for (const accessToken of ['the access token', null]) {
        const writtenAt = await writer.evaluate(
          async ([name, token]) => {
            const entry = shelflife.createCredentialStore({ storage: shelflife[name]() }).entry('signal');
            if (token) await entry.set({ access_token: token, expires_in: null });
            else await entry.delete();
            return Date.now();
          },
          [backend, accessToken] as const,
        );
        const heard = () =>
          reader.evaluate(() => {
            const { seen } = globalThis as unknown as { seen: { accessToken: string | null; at: number }[] };
            return seen.at(-1)!;
          }, undefined);
        await expect.poll(async () => (await heard()).accessToken, { timeout: 5000 }).toBe(accessToken);
        expect((await heard()).at - writtenAt).toBeLessThan(1000);
      }
    });
  }

  for (const backend of ['indexedDBBackend', 'localStorageBackend'] as const)
    test(`${backend}: two tabs observe one session, and each expiry is one refresh`, async () => {
      const expiries = 2;
      const { tokenEndpoint, clientId, counters } = authorization;
      const before = { ...counters, presentations: new Set(counters.presentations.keys()) };
      const answer = { ...(await authorization.mintTokens()) };
      const scope = await tabs[0].evaluate(
        async ({ tokens, name }) => {
          const storage = shelflife[name]();
          const store = shelflife.createCredentialStore({ storage });
          await store.entry('refresh').set(shelflife.fromTokenResponse(tokens));
          return storage.scope;
        },
        { tokens: answer, name: backend },
      );
      expect(scope).toBe('origin');
      const observe = (tab: WebKitTab) =>
        tab.evaluate(
          (options) => {
            const tokens: string[] = [];
            Object.assign(globalThis, { tokens });
            const store = shelflife.createCredentialStore({
              storage: shelflife[options.backend](),
              leeway: 1,
              async refresh({ refresh_token: refreshToken }, { signal }) {
                const body = new URLSearchParams({
                  grant_type: 'refresh_token',
                  client_id: options.clientId,
                  refresh_token: String(refreshToken),
                });
                return (await fetch(options.tokenEndpoint, { method: 'POST', body, signal })).json();
              },
            });
            store.entry('refresh').credentials.subscribe((credentials) => {
              const token = credentials?.access_token;
              if (!token || tokens.includes(token)) return;
              tokens.push(token);
              if (tokens.length > options.expiries) void store.close();
            });
          },
          { tokenEndpoint, clientId, expiries, backend },
        );
      await Promise.all(tabs.map(observe));
      const seen = (tab: WebKitTab) =>
        tab.evaluate(() => (globalThis as unknown as { tokens: string[] }).tokens, undefined);
      for (const tab of tabs) {
        await expect.poll(async () => (await seen(tab)).length, { timeout: 15_000 }).toBe(expiries + 1);
      }
      expect(await seen(tabs[0])).toEqual(await seen(tabs[1]));
      const presented = [...counters.presentations].filter(([token]) => !before.presentations.has(token));
      expect(presented.map(([, times]) => times)).toEqual(Array.from({ length: expiries }, () => 1));
      expect([counters.refreshes - before.refreshes, counters.refusals, counters.revokedFamilies]).toEqual([
        expiries,
        0,
        0,
      ]);
    });
});

/** Waits for the package to be there, after a navigation. */
async function libraryOf(tab: WebKitTab): Promise<void> {
  await tab.evaluate(async () => {
    while (!('shelflife' in globalThis)) await new Promise((resolve) => setTimeout(resolve, 20));
  }, undefined);
}
