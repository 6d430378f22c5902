import { type Api, startApi } from '../test/fetch/startApi.js';
import { test as base, expect } from './fixtures.js';

interface Addresses {
  readonly api: string;
  readonly elsewhere: string;
}

const test = base.extend<{ readonly api: Api; readonly elsewhere: Api; readonly addresses: Addresses }>({
  // eslint-disable-next-line no-empty-pattern
  api: async ({}, use) => {
    const api = await startApi();
    api.accepted.add('Bearer refreshed-1');
    await use(api);
    await api.close();
  },
  // eslint-disable-next-line no-empty-pattern
  elsewhere: async ({}, use) => {
    const elsewhere = await startApi();
    await use(elsewhere);
    await elsewhere.close();
  },
  addresses: async ({ api, elsewhere }, use) => {
    await use({ api: api.origin, elsewhere: elsewhere.origin });
  },
});

/** Runs in a page or a worker: every kind of request, with a token that is refused, in a session of its own each. */
async function sendEverything({ api, elsewhere }: Addresses): Promise<Record<string, unknown>> {
  const signIn = async () => {
    let refreshes = 0;
    const store = shelflife.createCredentialStore({
      storage: shelflife.memoryBackend(),
      autoRefresh: false,
      refresh: async () => ({ access_token: `refreshed-${++refreshes}`, expires_in: 3600 }),
    });
    const session = store.entry();
    await session.set({
      access_token: 'refused',
      refresh_token: 'r',
      issued_at: new Date(),
      expires_in: 3600,
    });
    return { fetchWithToken: shelflife.createFetch(session, { origins: [api] }), count: () => refreshes };
  };
  const once = async (input: string | Request, init?: RequestInit): Promise<unknown> => {
    const { fetchWithToken, count } = await signIn();
    const { status, url } = await fetchWithToken(input, init);
    return [status, url.replace(api, '<api>').replace(elsewhere, '<elsewhere>'), count()];
  };
  const many = async (): Promise<unknown> => {
    const { fetchWithToken, count } = await signIn();
    const responses = await Promise.all(Array.from({ length: 100 }, () => fetchWithToken(`${api}/many`)));
    return [responses.every(({ ok }) => ok), count()];
  };
  const aborted = async (): Promise<unknown> => {
    const { fetchWithToken } = await signIn();
    const asking = fetchWithToken(`${api}/never`, { signal: AbortSignal.timeout(300) });
    // Firefox tells an AbortError in a worker, whatever the reason.
    return asking.catch(({ name }: DOMException) => /^(Timeout|Abort)Error$/.test(name));
  };
  const form = new FormData();
  form.set('field', 'form');
  return {
    get: await once(`${api}/get`),
    form: await once(`${api}/form`, { method: 'POST', body: form }),
    request: await once(new Request(`${api}/request`, { method: 'POST', body: 'request' })),
    within: await once(`${api}/redirect?to=/within`),
    across: await once(`${api}/redirect?to=${elsewhere}/across`),
    away: await once(`${elsewhere}/away`),
    many: await many(),
    aborted: await aborted(),
  };
}

const expected = {
  get: [200, '<api>/get', 1],
  form: [200, '<api>/form', 1],
  request: [200, '<api>/request', 1],
  within: [200, '<api>/within', 1],
  across: [401, '<elsewhere>/across', 0],
  away: [401, '<elsewhere>/away', 0],
  many: [true, 1],
  aborted: true,
};

function expectNothingLeaked(api: Api, elsewhere: Api): void {
  expect(elsewhere.seen.map(({ path, authorization }) => [path, authorization])).toEqual([
    ['/across', undefined],
    ['/away', undefined],
  ]);
  const bodies = api.seen.filter(({ path }) => path === '/request').map(({ body }) => body);
  expect(bodies).toEqual(['request', 'request']);
}

test('a page sends its token to the named origin only, and once more after a 401', async ({
  openPage,
  addresses,
  api,
  elsewhere,
}) => {
  const page = await openPage();
  expect(await page.evaluate(sendEverything, addresses)).toEqual(expected);
  expectNothingLeaked(api, elsewhere);
});

test('so does a worker', async ({ openPage, addresses, api, elsewhere }) => {
  const page = await openPage();
  const outcome = await page.evaluate(
    async ({ source, argument }) => {
      const worker = new Worker('/worker.js', { type: 'module' });
      const answer = () =>
        new Promise<unknown>((resolve) =>
          worker.addEventListener('message', ({ data }) => resolve(data), { once: true }),
        );
      await answer();
      worker.postMessage({ source, argument });
      return answer();
    },
    { source: String(sendEverything), argument: addresses },
  );
  expect(outcome).toEqual(expected);
  expectNothingLeaked(api, elsewhere);
});

test('a relative URL is of the origin of the page, and a Request keeps its referrer', async ({
  openPage,
  api,
}) => {
  const page = await openPage();
  const sent = await page.evaluate(async (apiOrigin) => {
    const authorizations: (string | null)[] = [];
    const session = shelflife.createCredentialStore({ storage: shelflife.memoryBackend() }).entry();
    await session.set({ access_token: 'good', expires_in: null });
    const fetchWithToken = shelflife.createFetch(session, {
      origins: [location.origin, apiOrigin],
      fetch: (input, init) => {
        const { headers } = new Request(input, init);
        authorizations.push(headers.get('authorization'));
        return fetch(input, init);
      },
    });
    await fetchWithToken('relative');
    await fetchWithToken(new Request(`${apiOrigin}/referred`, { referrerPolicy: 'unsafe-url' }));
    return authorizations;
  }, api.origin);
  expect(sent).toEqual(['Bearer good', 'Bearer good']);
  expect(api.seen.find(({ path }) => path === '/referred')?.referrer).toBe(page.url());
});
