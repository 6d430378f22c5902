import { expect, libraryOf, test } from './fixtures.js';
import { expectNothingLost } from './observeSession.js';

const lifetimes = 2;

for (const { where, backends } of [
  { where: '', backends: ['sessionStorageBackend'] },
  {
    where: ' without Web Locks',
    backends: ['sessionStorageBackend', 'localStorageBackend', 'indexedDBBackend'],
  },
] as const) {
  for (const backend of backends) {
    test(`${backend}${where}: stores made again and again in one page, also by another copy of the package, refresh once for each expiry`, async ({
      context,
      openPage,
      authorizationServer,
    }) => {
      if (where)
        await context.addInitScript(() => {
          delete (Navigator.prototype as { locks?: LockManager }).locks;
        });
      const page = await openPage();
      await libraryOf(page);
      const { tokenEndpoint, clientId } = authorizationServer;
      const tokens = { ...(await authorizationServer.mintTokens()) };
      const views = await page.evaluate(
        async (options) => {
          const load = (path: string): Promise<typeof shelflife> => import(path) as never;
          const [core, web, database] = await Promise.all(
            ['index', 'local-storage', 'indexeddb'].map((name) => load(`/copy/dist/${name}.js`)),
          );
          const copy = { ...core!, ...web!, ...database! };
          const stores = [shelflife, shelflife, copy, copy].map((library) =>
            library.createCredentialStore({
              storage: library[options.backend](),
              leeway: 1,
              async refresh({ refresh_token: refreshToken }, { signal }) {
                const body = new URLSearchParams({
                  grant_type: 'refresh_token',
                  client_id: options.clientId,
                  refresh_token: String(refreshToken),
                });
                return (await fetch(options.tokenEndpoint, { method: 'POST', body, signal })).json();
              },
              onError: () => {},
            }),
          );
          const seen = stores.map((store) => {
            const tokensSeen: string[] = [];
            store.entry().credentials.subscribe((credentials) => {
              const token = credentials?.access_token;
              if (!token || tokensSeen.includes(token)) return;
              tokensSeen.push(token);
              if (tokensSeen.length > options.lifetimes) void store.close();
            });
            return tokensSeen;
          });
          await stores[0]!.entry().set(shelflife.fromTokenResponse(options.tokens));
          const until = Date.now() + 15_000;
          while (seen.some(({ length }) => length <= options.lifetimes) && Date.now() < until)
            await new Promise((resolve) => setTimeout(resolve, 50));
          return seen;
        },
        { tokenEndpoint, clientId, tokens, backend, lifetimes },
      );
      expectNothingLost(authorizationServer);
      // On a slow machine a further one may begin before the last store is closed.
      expect(authorizationServer.counters.refreshes).toBeGreaterThanOrEqual(lifetimes);
      for (const view of views) expect(view).toEqual(views[0]);
      expect(views[0]).toHaveLength(lifetimes + 1);
    });
  }
}
