/* oxlint-disable typescript/no-unsafe-type-assertion -- what types forbid is handed in here */
import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  createCredentialStore,
  memoryBackend,
  RefreshFailedError,
  RefreshRejectedError,
  ShelflifeError,
  StorageUnavailableError,
  TimeoutError,
  type StorageBackend,
} from '../../src/index.js';
import { bareBackend, leasedBackend, rejectionOf, sameStorage, turns } from './support.js';

/** Every place in which a value could show something. */
function shown(value: unknown): string {
  const error = value as Error;
  return [
    String(value),
    error?.message,
    error?.stack,
    inspect(value, { depth: 20, showHidden: true, getters: true }),
    JSON.stringify(value),
    typeof value === 'object' && value ? JSON.stringify(value, Object.getOwnPropertyNames(value)) : '',
    inspect(error?.cause, { depth: 20, showHidden: true }),
    JSON.stringify(error?.cause),
  ].join('\n');
}

/** The forms in which clients write a token into a text. */
const formsOf = (token: string): string[] => [
  token,
  encodeURIComponent(token),
  new URLSearchParams({ t: token }).toString().slice(2),
  encodeURI(token),
  encodeURIComponent(token).replaceAll(/%../g, (escape) => escape.toLowerCase()),
  JSON.stringify(token).slice(1, -1),
  JSON.stringify(token)
    .slice(1, -1)
    .replaceAll('/', String.raw`\/`),
];

const unreserved = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'.split('');
/** RFC 6750 §2.1, `b64token`. */
const bearer = fc.string({
  unit: fc.constantFrom(...unreserved, ...'-._~+/='.split('')),
  minLength: 8,
  maxLength: 40,
});
/** RFC 6749 appendix A: any printable ASCII. */
const printable = fc.string({
  unit: fc.constantFrom(...Array.from({ length: 95 }, (_, index) => String.fromCodePoint(32 + index))),
  minLength: 8,
  maxLength: 40,
});
// A token that is part of what texts say anyhow would be found by chance.
const distinct = (token: fc.Arbitrary<string>) => token.map((text) => `Zq${text}`);

const pairs = fc.oneof(
  fc.tuple(distinct(bearer), distinct(bearer)),
  fc.tuple(distinct(printable), distinct(printable)),
);

type Thrower = (text: string) => unknown;
const throwers: Record<string, Thrower> = {
  'an Error': (text) => new Error(text),
  'an Error with a cause': (text) => new Error('x', { cause: new Error(text) }),
  'a SyntaxError': (text) => new SyntaxError(`Unexpected token in JSON: ${text}`),
  'an Error with the request in it': (text) =>
    Object.assign(new Error(`400 ${text}`), {
      name: `HttpError ${text}`,
      code: text,
      request: { body: text },
      config: { data: text, headers: { authorization: text } },
      response: { data: { error: 'server_error', error_description: text } },
    }),
  'an OAuth error': (text) =>
    Object.assign(new Error(text), { error: 'invalid_grant', error_description: text }),
  'a string': (text) => text,
  'an object': (text) => ({ message: text, name: text, body: text }),
  'a RefreshFailedError': (text) => new RefreshFailedError(text, { cause: new Error(text) }),
  'a RefreshRejectedError': (text) => new RefreshRejectedError(text, { cause: new Error(text) }),
  'a TimeoutError': (text) => new TimeoutError(text, { cause: new Error(text) }),
  'a ShelflifeError': (text) => new ShelflifeError(text),
  'a StorageUnavailableError': (text) => new StorageUnavailableError(text, { cause: text }),
  'an AggregateError': (text) => new AggregateError([new Error(text)], text),
};

function expectNone(value: unknown, tokens: readonly string[], what: string): void {
  const text = shown(value);
  for (const token of tokens)
    for (const form of formsOf(token)) expect(text.includes(form), `${what}: ${form}`).toBe(false);
}

afterEach(() => vi.restoreAllMocks());

describe('no error ever contains a token', () => {
  for (const [title, make] of Object.entries(throwers)) {
    test(`whatever is in what the \`refresh\` callback throws: ${title}`, async () => {
      await fc.assert(
        fc.asyncProperty(pairs, fc.nat(6), async ([access, refresh], form) => {
          const text = `at ${formsOf(access)[form]!} grant_type=refresh_token&refresh_token=${formsOf(refresh)[form]!}&x=1`;
          const told: unknown[] = [];
          const entry = createCredentialStore({
            storage: memoryBackend(),
            onError: (error) => told.push(error),
            refresh: () => Promise.reject(make(text)),
          }).entry();
          await entry.set({ access_token: access, refresh_token: refresh });
          expectNone(await rejectionOf(entry.refresh()), [access, refresh], 'refresh');
          expectNone(await rejectionOf(entry.getAccessToken()), [access, refresh], 'getAccessToken');
          entry.expiry.subscribe(() => {});
          await turns(3);
          expectNone(entry.expiry.value.error, [access, refresh], 'expiry.error');
          for (const error of told) expectNone(error, [access, refresh], 'onError');
        }),
        { numRuns: 12 },
      );
    });

    test(`nor in what a storage throws once the record is known: ${title}`, async () => {
      await fc.assert(
        fc.asyncProperty(pairs, async ([access, refresh]) => {
          const inner = bareBackend();
          let fails = false;
          const fail = (): void => {
            if (fails) throw make(`could not handle ${access} and ${refresh}`);
          };
          const storage: StorageBackend = {
            ...inner,
            get: (key) => {
              fail();
              return inner.get(key);
            },
            compareAndSet: (key, expected, next) => {
              fail();
              return inner.compareAndSet(key, expected, next);
            },
          };
          const store = createCredentialStore({ storage });
          const entry = store.entry();
          await entry.set({ access_token: access, refresh_token: refresh });
          fails = true;
          for (const call of [
            () => entry.get(),
            () => entry.set({ access_token: access }),
            () => entry.delete(),
          ])
            expectNone(await rejectionOf(call()), [access, refresh], 'storage');
          expectNone(store.health.value, [access, refresh], 'health');
        }),
        { numRuns: 6 },
      );
    });
  }

  test('a token that begins another one does not leave the rest of it', async () => {
    const [access, refresh] = ['ZqPrefix1234', 'ZqPrefix1234-and-the-rest-of-it'];
    const entry = createCredentialStore({
      storage: memoryBackend(),
      refresh: () => Promise.reject(new Error(`sent ${refresh}`)),
    }).entry();
    await entry.set({ access_token: access, refresh_token: refresh });
    expect(shown(await rejectionOf(entry.refresh()))).not.toContain('and-the-rest-of-it');
  });

  test('an id_token and other tokens beside them are replaced too', async () => {
    const entry = createCredentialStore({
      storage: memoryBackend(),
      refresh: ({ id_token: idToken }) => Promise.reject(new Error(`id_token_hint=${String(idToken)}`)),
    }).entry();
    await entry.set({ access_token: 'a', id_token: 'ZqIdToken.0123456789.sig' });
    expectNone(await rejectionOf(entry.refresh()), ['ZqIdToken.0123456789.sig'], 'id_token');
  });

  test('the tokens of an answer that could not be stored are not told either', async () => {
    const inner = leasedBackend();
    let fails = false;
    const told: unknown[] = [];
    const entry = createCredentialStore({
      storage: sameStorage(inner, {
        compareAndSet: (key, expected, next) => {
          if (fails) throw new Error(`could not write ${next}`);
          return inner.compareAndSet(key, expected, next);
        },
      }),
      onError: (error) => told.push(error),
      refresh: async () => {
        fails = true;
        return { access_token: 'ZqNewAccess0123', refresh_token: 'ZqNewRefresh0123' };
      },
    }).entry();
    await entry.set({ access_token: 'ZqOldAccess0123', refresh_token: 'ZqOldRefresh0123' });
    const all = ['ZqNewAccess0123', 'ZqNewRefresh0123', 'ZqOldAccess0123', 'ZqOldRefresh0123'];
    expectNone(await rejectionOf(entry.refresh()), all, 'refresh');
    for (const error of told) expectNone(error, all, 'onError');
  });

  test('what is remembered of a rejection in storage holds none', async () => {
    const storage = leasedBackend();
    const entry = createCredentialStore({
      storage,
      refresh: ({ refresh_token }) =>
        Promise.reject(
          new RefreshRejectedError(`${refresh_token} is revoked`, { cause: new Error(`${refresh_token}`) }),
        ),
    }).entry();
    await entry.set({ access_token: 'ZqAccess0123456', refresh_token: 'ZqRefresh0123456' });
    await rejectionOf(entry.refresh());
    const remembered = [...storage.values.entries()].filter(([key]) => key.includes('rejection'));
    expect(remembered).toHaveLength(1);
    expect(remembered.join()).not.toContain('ZqRefresh');
  });
});

/** Encodings in which a text can quote a token, or what holds it. */
const encodings: Record<string, (token: string) => string> = {
  'as it is': (token) => token,
  'its first 40 characters': (token) => token.slice(0, 40),
  base64: (token) => Buffer.from(token).toString('base64'),
  'base64 in lines': (token) => Buffer.from(token).toString('base64').replaceAll(/.{60}/g, '$&\r\n'),
  base64url: (token) => Buffer.from(token).toString('base64url'),
  'base64 of client:token': (token) => Buffer.from(`client:${token}`).toString('base64'),
  hex: (token) => Buffer.from(token).toString('hex'),
  'hex in capitals': (token) => Buffer.from(token).toString('hex').toUpperCase(),
  'HTML entities': (token) => token.replaceAll(/[^a-z]/gi, (character) => `&#${character.codePointAt(0)};`),
  'all HTML entities': (token) => token.replaceAll(/./g, (character) => `&#x${character.codePointAt(0)!.toString(16)};`),
  'URL-encoded': encodeURIComponent,
  'URL-encoded twice': (token) => encodeURIComponent(encodeURIComponent(token)),
  'URL-encoded throughout': (token) => Buffer.from(token).toString('hex').replaceAll(/../g, '%$&'),
  'JSON twice': (token) => JSON.stringify(JSON.stringify(token)),
  'Unicode escapes': (token) => token.replaceAll(/./g, (character) => `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`),
  'quoted by a schema validator': (token) => `[{"code":"invalid_type","received":"${token}","path":["refresh_token"]}]`,
  'in a request': (token) => `grant_type=refresh_token&refresh_token=${token}&client_id=x`,
  'in a dump': (token) => `{ access_token: '${token}', expires_in: 3600 }`,
}; // prettier-ignore

/** Tokens as servers make them: opaque, of hex, UUIDs, JWTs; no word. */
const opaqueTokens = fc
  .oneof(
    fc.string({
      unit: fc.constantFrom(...unreserved, ...'-._~+/='.split('')),
      minLength: 20,
      maxLength: 120,
    }),
    fc.string({ unit: fc.constantFrom(...'0123456789abcdef'.split('')), minLength: 32, maxLength: 64 }),
    fc.uuid(),
    fc
      .tuple(fc.json(), fc.uint8Array({ minLength: 32, maxLength: 32 }))
      .map(([claims, signature]) =>
        [Buffer.from('{"alg":"ES256"}'), Buffer.from(claims), Buffer.from(signature)]
          .map((part) => part.toString('base64url'))
          .join('.'),
      ),
  )
  .filter(
    (token) =>
      /\d/.test(token) && /[a-z]/i.test(token) && /\d|[a-z].*[A-Z]|[A-Z].*[a-z]/.test(token.slice(0, 40)),
  );

/** No twelve characters in a row of what quotes a token may be shown. */
function expectNoPart(value: unknown, quoted: string, what: string): void {
  const text = shown(value);
  for (const run of quoted.match(/\S{12,}/g) ?? [])
    for (let start = 0; start + 12 <= run.length; start += 1) {
      const part = run.slice(start, start + 12);
      // Names of members are no secrets.
      if (/^[a-z_"'=&:,{[]+$/.test(part)) continue;
      if (text.includes(part)) throw new Error(`${what}: ${part} of ${quoted}`);
    }
}

describe('a token that nobody knows yet is not shown, in whatever encoding a text quotes it', () => {
  test.each(Object.entries(encodings))('%s', async (title, encode) => {
    await fc.assert(
      fc.asyncProperty(opaqueTokens, fc.constantFrom(...Object.keys(throwers)), async (token, thrower) => {
        const quoted = encode(token);
        const told: unknown[] = [];
        const entry = createCredentialStore({
          storage: memoryBackend(),
          onError: (error) => told.push(error),
          // The answer came, and what looked at it throws.
          refresh: () => Promise.reject(throwers[thrower]!(`Expected string, received: ${quoted} at line`)),
        }).entry();
        await entry.set({ access_token: 'spent', refresh_token: 'sent' });
        expectNoPart(await rejectionOf(entry.refresh()), quoted, `${title}, ${thrower}`);
        entry.expiry.subscribe(() => {});
        await turns(3);
        for (const error of [entry.expiry.value.error, ...told]) expectNoPart(error, quoted, title);
      }),
      { numRuns: 10 },
    );
  });

  test('nor one that a storage quotes', async () => {
    await fc.assert(
      fc.asyncProperty(
        opaqueTokens,
        fc.constantFrom(...Object.entries(encodings)),
        async (token, [title, encode]) => {
          const quoted = encode(token);
          const fail = (): never => {
            throw Object.assign(new Error(`could not write ${quoted}`), { name: quoted, code: quoted });
          };
          const entry = createCredentialStore({ storage: { ...bareBackend(), compareAndSet: fail } }).entry();
          expectNoPart(await rejectionOf(entry.set({ access_token: 'another' })), quoted, title);
        },
      ),
      { numRuns: 30 },
    );
  });
});

test('what is no token stays readable', async () => {
  const readable: [Error, object][] = [
    [
      Object.assign(new Error('connect ECONNREFUSED, is the authorization server up?'), { code: 'ECONNREFUSED' }),
      { name: 'Error', code: 'ECONNREFUSED', message: 'connect ECONNREFUSED, is the authorization server up?' },
    ],
    [new TypeError('fetch failed'), { name: 'TypeError', message: 'fetch failed' }],
    [
      Object.assign(new Error('Unauthorized: "unsupported_grant_type", (Authentication failed)'), { name: 'OAuth2HttpError', status: 400 }),
      { name: 'OAuth2HttpError', status: 400, message: 'Unauthorized: "unsupported_grant_type", (Authentication failed)' },
    ],
    [
      new Error('Request failed with status code 503: POST https://id.example/token'),
      { message: 'Request failed with status code 503: POST https://id.example/token' },
    ],
  ]; // prettier-ignore
  for (const [error, cause] of readable) {
    const entry = createCredentialStore({
      storage: memoryBackend(),
      refresh: () => Promise.reject(error),
    }).entry();
    await entry.set({ access_token: 'a' });
    expect(await rejectionOf(entry.refresh())).toMatchObject({ cause });
  }
});

test.each([
  ['client_secret', { client_secret: 'zq.secret' }],
  ['device_secret', { device_secret: 'zq.secret' }],
  ['clientSecret', { registration: { clientSecret: 'zq.secret' } }],
  ['a list of tokens', { id_tokens: ['other-one', 'zq.secret'] }],
  ['an object of tokens', { tokens: { slack: { bot: 'zq.secret' } } }],
  ['objects in a list', { refresh_tokens: [{ value: 'zq.secret' }] }],
])('a secret is one too: %s', async (_, members) => {
  const entry = createCredentialStore({
    storage: memoryBackend(),
    refresh: () => Promise.reject(new Error('400 zq.secret')),
  }).entry();
  await entry.set({ access_token: 'a', ...members });
  const error = await rejectionOf(entry.refresh());
  expect(error.message).toContain('400');
  expectNone(error, ['zq.secret'], 'refresh');
});

describe('nothing the package hands out shows a token when it is inspected', () => {
  test('stores, entries and signals', async () => {
    const storage = memoryBackend();
    const store = createCredentialStore({
      storage,
      refresh: async () => ({ access_token: 'ZqNewAccess0123' }),
    });
    const entry = store.entry();
    await entry.set({ access_token: 'ZqAccess0123456', refresh_token: 'ZqRefresh0123456', expires_in: null });
    entry.expiry.subscribe(() => {});
    entry.credentials.subscribe(() => {});
    for (const object of [
      store,
      entry,
      entry.expiry,
      entry.expiry.value,
      store.health,
      entry.expirySignal(),
      storage,
    ]) {
      const text = `${inspect(object, { depth: 20, showHidden: true })}\n${JSON.stringify(object)}`;
      expect(text).not.toMatch(/ZqAccess|ZqRefresh/);
    }
  });
});

test('nothing is ever written to the console by itself, and a broken listener leaves no token there', async () => {
  const written: unknown[] = [];
  for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const)
    vi.spyOn(console, method).mockImplementation((...parameters) => void written.push(...parameters));
  const entry = createCredentialStore({
    storage: memoryBackend(),
    refresh: ({ refresh_token }) => Promise.reject(new Error(`sent ${refresh_token}`)),
  }).entry();
  await entry.set({ access_token: 'ZqAccess0123456', refresh_token: 'ZqRefresh0123456' });
  await rejectionOf(entry.refresh());
  expect(written).toEqual([]);
  entry.credentials.subscribe((credentials) => {
    throw new Error(`cannot show ${credentials?.access_token} and ${credentials?.refresh_token}`);
  });
  await turns();
  expect(written.length).toBeGreaterThan(0);
  for (const each of written) expectNone(each, ['ZqAccess0123456', 'ZqRefresh0123456'], 'console');
});

describe('nor does one of a storage that quotes what it was to replace', () => {
  const quoting = (values: Map<string, string>): StorageBackend => {
    const inner = bareBackend(values);
    return {
      ...inner,
      compareAndSet(_key, expected, next) {
        throw new Error(`cannot replace ${expected} by ${next}`);
      },
      keys(prefix) {
        if (prefix.includes('listing')) throw new Error(`cannot list ${[...values.values()].join()}`);
        return inner.keys(prefix);
      },
    };
  };
  const stored = ['stored-access-token', 'stored-refresh-token'];

  async function setUp(namespace = 'shelflife') {
    const values = new Map<string, string>();
    const writer = createCredentialStore({ storage: bareBackend(values), namespace }).entry();
    await writer.set({ access_token: stored[0]!, refresh_token: stored[1]!, expires_in: null });
    const told: unknown[] = [];
    const store = createCredentialStore({
      storage: quoting(values),
      namespace,
      onError: (error) => told.push(error),
      refresh: async () => ({ access_token: 'new-access-token', refresh_token: 'new-refresh-token' }),
    });
    return { store, entry: store.entry(), told };
  }

  const calls = {
    set: ({ entry }) => entry.set({ access_token: 'another-access-token' }),
    update: ({ entry }) => entry.update((current) => ({ ...current, more: 1 })),
    'update that deletes': ({ entry }) => entry.update(() => undefined),
    delete: ({ entry }) => entry.delete(),
    invalidate: ({ entry }) => entry.invalidate(),
    refresh: ({ entry }) => entry.refresh(),
    clear: ({ store }) => store.clear(),
  } satisfies Record<string, (made: Awaited<ReturnType<typeof setUp>>) => Promise<unknown>>;

  test.each(Object.entries(calls))('%s, of an entry that was not read before', async (_name, call) => {
    const made = await setUp();
    const error = await rejectionOf(call(made));
    for (const each of [error, ...made.told]) expectNone(each, [...stored, 'new-access-token'], 'error');
  });

  test('after a refresh that is served from memory', async () => {
    const made = await setUp();
    await rejectionOf(made.entry.refresh());
    for (const call of [calls.update, calls.delete, calls.set])
      expectNone(
        await rejectionOf(call(made)),
        [...stored, 'new-access-token', 'new-refresh-token'],
        'error',
      );
  });

  test('in its list of keys', async () => {
    const made = await setUp('listing');
    await made.entry.get();
    for (const call of [() => made.store.keys(), () => made.store.clear()])
      expectNone(await rejectionOf(call()), stored, 'error');
    expect(made.store.health.value.status).toBe('failed');
  });
});

test('a token of megabytes is none the less a token', async () => {
  const token = 'a/b+'.repeat(1_000_000);
  const inner = bareBackend();
  const entry = createCredentialStore({
    storage: {
      ...inner,
      compareAndSet: (_key, _expected, next) => {
        throw new Error(`full: ${next} ${encodeURIComponent(token)}`);
      },
    },
  }).entry();
  const error = await rejectionOf(entry.set({ access_token: token }));
  expect(error.name).toBe('StorageUnavailableError');
  expect(error.message.length).toBeLessThan(1000);
});

test('tokens below other members are tokens too', async () => {
  const nested = { authed_user: { refresh_token: 'nested-refresh-token' }, id_tokens: [] };
  const entry = createCredentialStore({
    storage: memoryBackend(),
    refresh: async () => {
      throw new Error('400 refresh_token=nested-refresh-token');
    },
  }).entry();
  await entry.set({ access_token: 'access', ...nested });
  expectNone(await rejectionOf(entry.refresh()), ['nested-refresh-token'], 'refresh');
});

test('nor is one in what is told of a listener of `health`, or of `onError`, that throws', async () => {
  vi.stubGlobal('reportError', undefined);
  const told = vi.spyOn(console, 'error').mockImplementation(() => {});
  let fails = false;
  const inner = bareBackend();
  const store = createCredentialStore({
    storage: {
      ...inner,
      get(key) {
        if (fails) throw new Error('disk');
        return inner.get(key);
      },
    },
    onError() {
      throw new Error('at access-token-0123');
    },
  });
  const entry = store.entry();
  await entry.set({ access_token: 'access-token-0123', expires_in: null });
  store.health.subscribe(() => {
    throw new Error('at access-token-0123');
  });
  entry.expiry.subscribe(() => {});
  fails = true;
  await rejectionOf(entry.get());
  expect(told).toHaveBeenCalled();
  for (const [error] of told.mock.calls) expectNone(error, ['access-token-0123'], 'console.error');
});
