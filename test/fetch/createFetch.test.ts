import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { startAuthorizationServer } from '../../examples/authorization-server/startAuthorizationServer.mjs';
import { createFetch, type FetchOptions } from '../../src/fetch/index.js';
import {
  createCredentialStore,
  memoryBackend,
  type CredentialEntry,
  type CredentialStoreOptions,
} from '../../src/index.js';
import { refreshGrant } from '../../src/oauth/index.js';
import { startApi, type Api } from './startApi.js';

let api: Api;
let elsewhere: Api;
let refreshes: number;

beforeEach(async () => {
  [api, elsewhere] = await Promise.all([startApi(), startApi()]);
  api.accepted.add('Bearer good').add('Bearer refreshed-1');
  refreshes = 0;
});
afterEach(() => Promise.all([api.close(), elsewhere.close()]));

async function signIn(
  token: string,
  options: Partial<CredentialStoreOptions> = {},
): Promise<CredentialEntry> {
  const refresh = async (): Promise<{ access_token: string; expires_in: number }> => {
    refreshes += 1;
    return { access_token: `refreshed-${refreshes}`, expires_in: 3600 };
  };
  const store = createCredentialStore({ storage: memoryBackend(), autoRefresh: false, refresh, ...options });
  await store
    .entry()
    .set({ access_token: token, refresh_token: 'r', issued_at: new Date(), expires_in: 3600 });
  return store.entry();
}

function fetchFor(session: CredentialEntry, options: Partial<FetchOptions> = {}): typeof fetch {
  return createFetch(session, { origins: [api.origin], ...options });
}

const authorizations = (server: Api) => server.seen.map(({ authorization }) => authorization);

describe('the token', () => {
  test('goes to a named origin, whatever spells the URL, beside the other headers', async () => {
    const fetchWithToken = fetchFor(await signIn('good'), { origins: [new URL(api.origin)] });
    const url = `${api.origin}/me`;
    for (const input of [url, new URL(url), new Request(url)]) {
      const response = await fetchWithToken(input);
      expect(response.status).toBe(200);
    }
    const headers = { 'content-type': 'text/x', accept: 'text/y' };
    await fetchWithToken(url, { headers, method: 'PUT', body: 'b' });
    expect(api.seen.at(-1)).toMatchObject({ method: 'PUT', authorization: 'Bearer good', body: 'b' });
    expect(authorizations(api)).toEqual(Array.from({ length: 4 }, () => 'Bearer good'));
  });

  test('goes nowhere else, not to another port of the same host either', async () => {
    const session = await signIn('good');
    await fetchFor(session)(`${elsewhere.origin}/me`);
    await fetchFor(session)(new Request(`${elsewhere.origin}/me`));
    expect(authorizations(elsewhere)).toEqual([undefined, undefined]);
  });

  test('does not go where the Authorization header is of the caller, who is left alone with a 401', async () => {
    const fetchWithToken = fetchFor(await signIn('good'));
    const headers = { Authorization: 'Basic of-the-caller' };
    await fetchWithToken(api.origin, { headers });
    await fetchWithToken(new Request(api.origin, { headers }));
    await fetchWithToken(new Request(api.origin), { headers: new Headers(headers) });
    expect(authorizations(api)).toEqual(Array.from({ length: 3 }, () => 'Basic of-the-caller'));
    expect(refreshes).toBe(0);
    // What is in `init` takes the place of all headers of a Request.
    const response = await fetchWithToken(new Request(api.origin, { headers }), { headers: {} });
    expect(response.status).toBe(200);
  });

  test('is waited for where there is none that is good, and the request is not sent without it', async () => {
    const session = await signIn('stale');
    await session.invalidate();
    expect((await fetchFor(session)(api.origin)).status).toBe(200);
    expect(authorizations(api)).toEqual(['Bearer refreshed-1']);
    await session.delete();
    await expect(fetchFor(session)(api.origin)).rejects.toMatchObject({ name: 'NoCredentialsError' });
    expect(api.seen).toHaveLength(1);
  });

  test('goes by the scheme that is asked for', async () => {
    api.accepted.add('token good');
    const response = await fetchFor(await signIn('good'), { scheme: 'token' })(api.origin);
    expect(response.status).toBe(200);
  });

  test('is not carried by a redirect to another origin, a named one neither', async () => {
    const session = await signIn('good');
    for (const origins of [[api.origin], [api.origin, elsewhere.origin]]) {
      const response = await fetchFor(session, { origins })(
        `${api.origin}/redirect?to=${elsewhere.origin}/there`,
      );
      expect(response.url).toBe(`${elsewhere.origin}/there`);
      // Its refusal is none of this token.
      expect(response.status).toBe(401);
    }
    expect(authorizations(elsewhere)).toEqual([undefined, undefined]);
    expect(refreshes).toBe(0);
  });

  test('is carried by a redirect within the origin, and refused at its end it is replaced', async () => {
    const fetchWithToken = fetchFor(await signIn('refused'));
    const response = await fetchWithToken(`${api.origin}/redirect?to=/there`);
    expect(response.status).toBe(200);
    expect(authorizations(api)).toEqual(
      ['refused', 'refused', 'refreshed-1', 'refreshed-1'].map((token) => `Bearer ${token}`),
    );
  });
});

describe('after a 401 the request is sent once more, with another token and the same body,', () => {
  const form = new FormData();
  form.set('field', 'value');
  test.each<[string, BodyInit]>([
    ['a text', 'value'],
    ['parameters', new URLSearchParams({ field: 'value' })],
    ['a form', form],
    ['a blob', new Blob(['value'])],
    ['bytes', new TextEncoder().encode('value')],
    ['a buffer', new TextEncoder().encode('value').buffer],
  ])('%s', async (_what, body) => {
    const response = await fetchFor(await signIn('refused'))(api.origin, { method: 'POST', body });
    expect(response.status).toBe(200);
    const [first, second] = api.seen;
    expect(second).toMatchObject({ method: 'POST', authorization: 'Bearer refreshed-1' });
    expect(first?.body).toContain('value');
    expect(second?.body).toContain('value');
  });

  test('and so is a Request, even one with a stream, and it can be used again', async () => {
    const stream = new Blob(['value']).stream();
    const request = new Request(api.origin, { method: 'POST', body: stream, duplex: 'half' } as RequestInit);
    const fetchWithToken = fetchFor(await signIn('refused'));
    expect((await fetchWithToken(request)).status).toBe(200);
    expect(api.seen.map(({ body }) => body)).toEqual(['value', 'value']);
    expect((await fetchWithToken(request)).status).toBe(200);
    expect(request.headers.has('authorization')).toBe(false);
  });

  test('but a stream is not: the 401 is given back', async () => {
    const send = async (body: unknown): Promise<number> => {
      const init = { method: 'POST', body, duplex: 'half' } as RequestInit;
      return (await fetchFor(await signIn('refused'))(api.origin, init)).status;
    };
    expect(await send(new Blob(['value']).stream())).toBe(401);
    expect(
      await send(
        (async function* () {
          yield new TextEncoder().encode('value');
        })(),
      ),
    ).toBe(401);
    expect(api.seen.map(({ body }) => body)).toEqual(['value', 'value']);
    expect(refreshes).toBe(0);
  });

  test('never a second time', async () => {
    const session = await signIn('refused');
    api.accepted.clear();
    const response = await fetchFor(session)(api.origin);
    expect(response.status).toBe(401);
    expect(authorizations(api)).toEqual(['Bearer refused', 'Bearer refreshed-1']);
  });

  test('and a server that refuses the new token as well causes no refresh for each request', async () => {
    const session = await signIn('refused');
    api.accepted.clear();
    const fetchWithToken = fetchFor(session, { origins: [api.origin, elsewhere.origin] });
    for (let turn = 0; turn < 5; turn++) await fetchWithToken(api.origin);
    expect(refreshes).toBe(1);
    // What one origin thinks of the token does not count for another.
    elsewhere.accepted.add('Bearer refreshed-2');
    expect((await fetchWithToken(elsewhere.origin)).status).toBe(200);
    expect(refreshes).toBe(2);
  });

  test('but the 401 is given back, readable, where no other token is to be had', async () => {
    const refused = async (): Promise<never> => {
      throw Object.assign(new Error(), { error: 'invalid_grant' });
    };
    const response = await fetchFor(await signIn('refused', { refresh: refused }))(`${api.origin}/me`);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ path: '/me' });
    const session = await signIn('refused', { storage: memoryBackend() });
    await session.set({
      access_token: 'refused',
      refresh_token: null,
      issued_at: new Date(),
      expires_in: 60,
    });
    expect((await fetchFor(session)(api.origin)).status).toBe(401);
  });

  test('and a token that somebody else has replaced meanwhile is taken without a refresh', async () => {
    const session = await signIn('refused');
    const send: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      if (response.status === 401)
        await session.set({ access_token: 'good', issued_at: new Date(), expires_in: 60 });
      return response;
    };
    expect((await fetchFor(session, { fetch: send })(api.origin)).status).toBe(200);
    expect(refreshes).toBe(0);
  });
});

describe('the signal of the caller', () => {
  test('aborts the request, given in either place', async () => {
    const fetchWithToken = fetchFor(await signIn('good'));
    const reason = new Error('enough');
    for (const place of ['init', 'Request']) {
      const controller = new AbortController();
      const { signal } = controller;
      const url = `${api.origin}/never`;
      const asking =
        place === 'init' ? fetchWithToken(url, { signal }) : fetchWithToken(new Request(url, { signal }));
      const before = api.seen.length;
      await expect.poll(() => api.seen.length).toBeGreaterThan(before);
      controller.abort(reason);
      await expect(asking).rejects.toBe(reason);
    }
  });

  test('ends the wait for a token too, first or second, and lets the refresh of the others go on', async () => {
    for (const invalidatesFirst of [true, false]) {
      let answer: ((tokens: { access_token: string; expires_in: number }) => void) | undefined;
      const refresh = (): Promise<{ access_token: string; expires_in: number }> =>
        new Promise((resolve) => (answer = resolve));
      const session = await signIn('refused', { refresh });
      if (invalidatesFirst) await session.invalidate();
      const controller = new AbortController();
      const aborted = fetchFor(session)(api.origin, { signal: controller.signal });
      const patient = fetchFor(session)(api.origin);
      await expect.poll(() => answer).toBeDefined();
      controller.abort(new Error('enough'));
      await expect(aborted).rejects.toThrow('enough');
      answer?.({ access_token: 'good', expires_in: 60 });
      expect((await patient).status).toBe(200);
    }
  });

  test('that is aborted already lets nothing be sent', async () => {
    const asking = fetchFor(await signIn('good'))(api.origin, { signal: AbortSignal.abort(new Error('no')) });
    await expect(asking).rejects.toThrow('no');
    expect(api.seen).toEqual([]);
  });
});

test('100 requests at once that meet one 401 cause one refresh, at a real server', async () => {
  const server = await startAuthorizationServer({ accessTokenLifetime: 600 });
  try {
    const refresh = refreshGrant({ issuer: server.issuer, client: { client_id: server.clientId } });
    const session = await signIn('unused', { refresh });
    const { refresh_token } = await server.mintTokens();
    const unknown = { access_token: 'unknown-to-the-server', issued_at: new Date(), expires_in: 600 };
    await session.set({ ...unknown, refresh_token });
    const fetchWithToken = createFetch(session, { origins: [server.issuer] });
    const responses = await Promise.all(
      Array.from({ length: 100 }, () => fetchWithToken(server.userinfoEndpoint)),
    );
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]));
    expect(server.counters).toMatchObject({ refreshes: 1, refusals: 0, revokedFamilies: 0 });
  } finally {
    await server.close();
  }
});

test('the global fetch is looked up at each call, another one is taken as it is', async () => {
  const session = await signIn('good');
  const fetchWithToken = fetchFor(session);
  const answered = vi.fn<typeof fetch>(async () => new Response('stubbed'));
  vi.stubGlobal('fetch', answered);
  expect(await (await fetchWithToken(api.origin)).text()).toBe('stubbed');
  const own = vi.fn<typeof fetch>(async () => new Response('own', { status: 401 }));
  // A response made by hand has no URL: it counts as the server's.
  expect(await (await fetchFor(session, { fetch: own })(api.origin)).text()).toBe('own');
  expect(own).toHaveBeenCalledTimes(2);
  const [, init] = own.mock.calls[0] ?? [];
  expect(new Headers(init?.headers).get('authorization')).toBe('Bearer good');
});

test('what is no URL is refused by the host, before a token is asked for', async () => {
  const session = await signIn('good');
  await expect(fetchFor(session)('/relative')).rejects.toThrow(TypeError);
});

describe('an option of the wrong type is a TypeError that names it, at once', () => {
  test.each<[string, unknown]>([
    ['origins', undefined],
    ['origins', {}],
    ['origins', { origins: [] }],
    ['origins', { origins: 'https://api.example' }],
    ['origins', { origins: ['api.example'] }],
    ['origins', { origins: ['https://api.example/v1'] }],
    ['origins', { origins: ['file:///etc'] }],
    ['origins', { origins: ['*'] }],
    ['fetch', { origins: ['https://api.example'], fetch: 'fetch' }],
    ['scheme', { origins: ['https://api.example'], scheme: 'Bearer\r\nx:' }],
  ])('%s: %o', async (name, options) => {
    const session = await signIn('good');
    expect(() => createFetch(session, options as FetchOptions)).toThrow(TypeError);
    expect(() => createFetch(session, options as FetchOptions)).toThrow(`"${name}"`);
  });

  test('so is what is no entry', () => {
    const options = { origins: ['https://api.example'] };
    expect(() => createFetch({} as CredentialEntry, options)).toThrow('store.entry()');
  });
});
