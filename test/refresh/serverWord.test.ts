/* oxlint-disable typescript/no-unsafe-type-assertion -- what types forbid is handed in here */
/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromTokenResponse, RefreshFailedError, type CredentialsInput } from '../../src/index.js';
import { expiredTokens, rejectionOf } from '../store/support.js';
import { bench } from './support.js';

/** What a refresh is rejected with whose callback does this. */
async function failureOf(
  callback: () => unknown,
  options: { readonly rejectedCodes?: readonly string[] } = {},
) {
  const { entry, clock, asked } = bench(async () => callback() as CredentialsInput, options);
  await entry.set(expiredTokens('one', clock.now()));
  const error = await rejectionOf(entry.refresh());
  expect(asked).toHaveLength(1);
  return error as RefreshFailedError;
}
const thrown = (value: unknown, options?: { readonly rejectedCodes?: readonly string[] }) =>
  failureOf(() => {
    throw value;
  }, options);
const json = (body: unknown, init?: ResponseInit): Response => new Response(JSON.stringify(body), init);

/** What the well-known servers answer where a refresh token is no good. */
const shapes: [string, object, string | number, boolean][] = [
  ['RFC 6749', { error: 'invalid_grant', error_description: 'x' }, 'invalid_grant', true],
  ['GitHub', { error: 'bad_refresh_token', error_description: 'x', error_uri: 'y' }, 'bad_refresh_token', true],
  ['Slack', { ok: false, error: 'invalid_refresh_token' }, 'invalid_refresh_token', true],
  ['Slack, revoked', { ok: false, error: 'token_revoked' }, 'token_revoked', true],
  ['HubSpot', { status: 'BAD_REFRESH_TOKEN', message: 'x', correlationId: 'y' }, 'BAD_REFRESH_TOKEN', true],
  ['Zoho', { error: 'invalid_code' }, 'invalid_code', false],
  ['WeChat', { errcode: 40030, errmsg: 'invalid refresh_token' }, 40030, false],
  ['Facebook', { error: { message: 'x', type: 'OAuthException', code: 190, error_subcode: 463 } }, 190, false],
]; // prettier-ignore

/** How it reaches the store. */
const ways: Record<string, (body: object) => () => unknown> = {
  'answered with status 200': (body) => () => body,
  'made credentials of': (body) => () => fromTokenResponse(body),
  'thrown as it is': (body) => () => {
    throw body;
  },
  'thrown as a Response that nobody read': (body) => () => {
    throw json(body, { status: 400 });
  },
  'answered as a Response that nobody read': (body) => () => json(body, { status: 400 }),
  'thrown by an HTTP client, with codes of its own': (body) => () => {
    const headers = { 'content-length': '190' };
    throw Object.assign(new Error('Request failed with status code 400'), {
      code: 'ERR_BAD_REQUEST',
      status: 400,
      config: { headers, method: 'post', data: 'grant_type=refresh_token' },
      response: { status: 400, headers, data: body },
    });
  },
  'thrown as a JSON text': (body) => () => {
    throw Object.assign(new Error('400'), { statusCode: 400, data: JSON.stringify(body) });
  },
  'thrown as a message that is JSON': (body) => () => {
    throw new Error(JSON.stringify(body));
  },
  'thrown as the cause of an error of ours': (body) => () => {
    throw new RefreshFailedError('400', { cause: body });
  },
};

describe.each(Object.entries(ways))('an error that is %s', (_, way) => {
  test.each(shapes)('has the code of %s in `cause.code`', async (_server, body, code, isPermanent) => {
    const name = isPermanent ? 'RefreshRejectedError' : 'RefreshFailedError';
    expect(await failureOf(way(body))).toMatchObject({ name, cause: { code }, key: 'default' });
  });

  test.each(shapes)('is a rejection with the code of %s in `rejectedCodes`', async (_server, body, code) => {
    const error = await failureOf(way(body), { rejectedCodes: ['other', String(code)] });
    expect(error).toMatchObject({ name: 'RefreshRejectedError', cause: { code } });
  });
});

describe('it is found by structure', () => {
  test('whatever the members above it are called, down to a bounded depth', async () => {
    const name = fc
      .stringMatching(/^[a-z]{1,8}$/)
      .filter((text) => !/error$|code$|^then$|^toJSON$/i.test(text));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(name, fc.constantFrom('object', 'list', 'error', 'text', 'getter')), { maxLength: 5 }),
        fc.constantFrom('error', 'code', 'errorCode', 'oauth2Code', 'error_code'),
        async (path, last) => {
          const made = path.reduceRight<unknown>((inner, [member, kind]) => {
            if (kind === 'list') return [0, inner];
            if (kind === 'error') return Object.assign(new Error('x', { cause: inner }), { errno: -1 });
            if (kind === 'text') return { [member]: JSON.stringify(inner) };
            return kind === 'getter' ? Object.defineProperty({}, member, { get: () => inner }) : { [member]: inner };
          }, { [last]: 'invalid_grant' }); // prettier-ignore
          // JSON drops what is not enumerable, so what is below a text has to be plain.
          const isLost = path.some(([, kind], index) => kind === 'text' && path.slice(index).some(([, below]) => /error|getter/.test(below))); // prettier-ignore
          fc.pre(!isLost);
          expect(await thrown(made)).toMatchObject({ name: 'RefreshRejectedError', cause: { code: 'invalid_grant' } });
        },
      ),
      { numRuns: 60 },
    ); // prettier-ignore
  });

  test('also in what the getters of an error class answer', async () => {
    class InvalidGrantError extends Error {
      get errorCode(): string {
        return 'invalid_grant';
      }
    }
    expect(await thrown(new InvalidGrantError('x'))).toMatchObject({ name: 'RefreshRejectedError' });
  });

  test('not in texts for people, lists of words, or the error of ours itself', async () => {
    for (const value of [
      new Error('invalid_grant'),
      { error_description: 'invalid_grant', message: 'invalid_grant' },
      { retryable: ['invalid_grant'], form: { grant_type: 'invalid_grant' } },
      { error: 'invalid_grant and more' },
    ])
      expect(await thrown(value)).toMatchObject({ name: 'RefreshFailedError' });
    expect(await thrown(new RefreshFailedError('x', { cause: new Error('y') }))).not.toHaveProperty('cause.code');
  }); // prettier-ignore

  test('a number that only looks like a rejected code is none', async () => {
    const value = { headers: { 'content-length': '190' }, port: 190, response: { status: 190 } };
    expect(await thrown(value, { rejectedCodes: ['190'] })).toMatchObject({ name: 'RefreshFailedError' });
  });

  test('a status of HTTP is no code, and what the server says comes first', async () => {
    const value = Object.assign(new Error('x'), { code: 503, cause: { code: 503, data: { error: 'slow_down' } } });
    expect(await thrown(value)).toMatchObject({ cause: { code: 'slow_down' } });
    const network = new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ENOTFOUND' }) });
    expect(await thrown(network)).toMatchObject({ cause: { name: 'TypeError', code: 'ENOTFOUND' } });
  }); // prettier-ignore

  test('the code of a rejection is remembered with it', async () => {
    const { entry, clock, asked } = bench(async () => ({ error: 'token_revoked' }));
    await entry.set(expiredTokens('one', clock.now()));
    await rejectionOf(entry.getAccessToken());
    expect(await rejectionOf(entry.getAccessToken())).toMatchObject({ cause: { code: 'token_revoked' } });
    expect(asked).toHaveLength(1);
  });
});

describe('whatever is thrown, the outcome is an error of ours', () => {
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const refuse = (): never => {
    throw new Error('hostile');
  };
  const circle: Record<string, unknown> = {};
  circle['again'] = [circle];
  let endless = 0;
  const deep: unknown = Array.from({ length: 50_000 }).reduce<unknown>((inner) => ({ inner }), 1);
  const hostile: Record<string, unknown> = {
    'a revoked proxy': revoked.proxy,
    'a revoked proxy as a cause': new Error('x', { cause: revoked.proxy }),
    'a revoked proxy in a list': { errors: [revoked.proxy] },
    'a proxy that throws': new Proxy({}, { get: refuse, has: refuse, ownKeys: refuse, getPrototypeOf: refuse }),
    'a proxy that has everything': new Proxy({}, { has: () => true, get: refuse }),
    'getters that throw': Object.defineProperty(new Error('x'), 'code', { get: refuse }),
    'getters that never end': { get next() { return new Proxy({ id: (endless += 1) }, { get: () => ({ id: (endless += 1) }) }); } },
    'a circle': circle,
    'a deep one': deep,
    'a wide one': Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`m${index}`, { index }])),
    'a long list': Array.from({ length: 1_000_000 }, (_, index) => ({ index })),
    'bytes': new Uint8Array(10_000_000),
    'a text of megabytes': { body: `[${'['.repeat(5_000_000)}` },
    'a Headers that throws': { [Symbol.toStringTag]: 'Headers', get: refuse },
    'a Response that throws': { [Symbol.toStringTag]: 'Response', body: {}, clone: refuse },
    'a Response whose body breaks': new Response(new ReadableStream({ pull: (c) => c.error(new Error('x')) })),
  }; // prettier-ignore
  test.each(Object.entries(hostile))('%s', async (_, value) => {
    expect(await thrown(value)).toMatchObject({ name: 'RefreshFailedError', key: 'default' });
  });

  test('a revoked proxy that is answered', async () => {
    expect(await failureOf(() => ({ nested: revoked.proxy }))).toMatchObject({ name: 'RefreshFailedError' });
  });

  test('a code beyond all bounds is not looked for', async () => {
    expect(await thrown({ deep, error: 'invalid_grant' })).toMatchObject({ name: 'RefreshRejectedError' });
    const buried = Array.from({ length: 20 }).reduce<unknown>((inner) => ({ inner }), { error: 'invalid_grant' });
    expect(await thrown(buried)).toMatchObject({ name: 'RefreshFailedError' });
  }); // prettier-ignore
});

describe('a body that nobody read', () => {
  const chunk = (text: string) => new TextEncoder().encode(text);

  test('is left to whoever wants to read it too', async () => {
    const response = json({ error: 'invalid_grant' }, { status: 400 });
    expect(await thrown(response)).toMatchObject({ name: 'RefreshRejectedError' });
    expect(await response.json()).toEqual({ error: 'invalid_grant' });
  });

  test('that was read already, is null or no JSON, is none', async () => {
    const read = json({ error: 'invalid_grant' });
    await read.text();
    for (const response of [read, new Response(null, { status: 503 }), new Response('<html>invalid_grant')])
      expect(await thrown({ response })).toMatchObject({ name: 'RefreshFailedError' });
  });

  test('is waited for no longer than about a second', async () => {
    const hanging = new Response(
      new ReadableStream({ start: (controller) => controller.enqueue(chunk('{"error"')) }),
    );
    expect(await thrown(hanging)).toMatchObject({ name: 'RefreshFailedError' });
  });

  test('is read no further than a bound, though it never ends', async () => {
    let pulled = 0;
    const endless = new Response(
      new ReadableStream({
        pull(controller) {
          pulled += 1;
          controller.enqueue(chunk('x'.repeat(1000)));
        },
      }),
    );
    expect(await thrown(endless)).toMatchObject({ name: 'RefreshFailedError' });
    expect(pulled).toBeLessThan(200);
  });
});

describe('`Retry-After` is found the same way', () => {
  const error = (members: object) => Object.assign(new Error('503'), members);
  const headers = { 'retry-after': '120' };
  test.each([
    ['retryAfter, a number', error({ retryAfter: 120 })],
    ['retryAfter, digits', error({ retryAfter: '120' })],
    ['retry_after in a body', error({ response: { data: { retry_after: 120 } } })],
    ['plain headers', error({ response: { status: 503, headers } })],
    ['plain headers in capitals', error({ response: { headers: { 'Retry-After': '120' } } })],
    ['Headers', error({ response: { headers: new Headers(headers) } })],
    ['a Response', error({ response: new Response(null, { status: 503, headers }) })],
    ['a Response as it is', new Response(null, { status: 503, headers })],
    ['headers behind a getter', error({ response: Object.create({ get headers() { return headers; } }) as object })],
    ['the cause', new Error('x', { cause: error({ headers }) })],
    ['an error of ours as a cause', new Error('x', { cause: new RefreshFailedError('503', { retryAfter: 120 }) })],
  ])('%s', async (_, value) => {
    expect(await thrown(value)).toMatchObject({ name: 'RefreshFailedError', retryAfter: 120 });
  }); // prettier-ignore

  test('as an HTTP date, by the clock of the store', async () => {
    const { entry, clock } = bench(() => {
      const date = new Date(clock.now() + 120_000).toUTCString();
      return Promise.reject(error({ response: { headers: { 'retry-after': date } } }));
    });
    await entry.set(expiredTokens('one', clock.now()));
    const { retryAfter } = (await rejectionOf(entry.refresh())) as RefreshFailedError;
    expect(retryAfter).toBeGreaterThan(118);
    expect(retryAfter).toBeLessThanOrEqual(120);
  });

  test.each([NaN, -5, Infinity, '', 'soon', '-5', 'Infinity', null, true, [120], {}, '1999-01-01T00:00:00Z'])(
    'not where it says %o',
    async (retryAfter) => {
      expect(await thrown(error({ retryAfter }))).toMatchObject({ retryAfter: undefined });
    },
  );
});
