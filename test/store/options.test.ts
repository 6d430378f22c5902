/* oxlint-disable typescript/no-unsafe-type-assertion -- what types forbid is handed in here */
/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import { describe, expect, test } from 'vitest';
import { createCredentialStore, memoryBackend, type CredentialStoreOptions } from '../../src/index.js';

const create = (options: unknown): unknown => createCredentialStore(options as CredentialStoreOptions);

describe('an option of the wrong type is a TypeError that names it', () => {
  const wrong: Record<string, unknown[]> = {
    storage: [
      undefined,
      null,
      'memory',
      42,
      {},
      [],
      memoryBackend,
      { get() {} },
      { get() {}, compareAndSet() {}, keys: true },
    ],
    refresh: [null, 'https://as.example/token', {}, 0, true],
    autoRefresh: [null, 'true', 1, 0, {}],
    leeway: [null, '60', Number.NaN, -1, true, {}, new Date()],
    unknownExpiry: [null, 'Queue', '', true, 0, ['queue'], 'queue" or "trust', Object.create(null)],
    codec: [
      null,
      'json',
      JSON.stringify,
      {},
      { encode: JSON.stringify },
      { decode: JSON.parse },
      { encode: 1, decode: 2 },
    ],
    namespace: [null, 7, {}, true, Symbol('a')],
    clock: [null, Date, {}, { now: Date.now }, { now: 1, setTimeout, clearTimeout }],
    timeout: [null, '10', Number.NaN, -1, true, {}],
    refreshTimeout: [null, '10', Number.NaN, -1, true, {}],
    rejectedCodes: [null, '190', 190, {}, [190], ['a', undefined], new Set(['a'])],
    onError: [null, 'console', {}, true],
  };
  for (const [name, values] of Object.entries(wrong)) {
    for (const [index, value] of values.entries()) {
      test(`${name}, wrong value ${index}`, () => {
        const options = { storage: memoryBackend(), [name]: value };
        expect(() => create(options)).toThrow(TypeError);
        expect(() => create(options)).toThrow(name);
      });
    }
  }

  test('no options at all', () => {
    expect(() => create(undefined)).toThrow(TypeError);
    expect(() => create(undefined)).toThrow('storage');
    expect(() => create(null)).toThrow(TypeError);
  });

  test('a namespace with a lone surrogate', () => {
    for (const namespace of ['\uD800', 'a\uDC00b', '\uDC00\uD800']) {
      expect(() => create({ storage: memoryBackend(), namespace })).toThrow(TypeError);
      expect(() => create({ storage: memoryBackend(), namespace })).toThrow('namespace');
    }
  });
});

describe('options that are right are taken', () => {
  const right: CredentialStoreOptions[] = [
    { storage: memoryBackend() },
    { storage: memoryBackend(), leeway: 0, timeout: 0, refreshTimeout: 0 },
    {
      storage: memoryBackend(),
      leeway: Number.POSITIVE_INFINITY,
      timeout: Number.POSITIVE_INFINITY,
      refreshTimeout: Number.POSITIVE_INFINITY,
    },
    { storage: memoryBackend(), rejectedCodes: [] },
    { storage: memoryBackend(), rejectedCodes: ['invalid_code', '40030'] },
    { storage: memoryBackend(), namespace: '' },
    { storage: memoryBackend(), namespace: '👩‍🚀/:#%' },
    { storage: memoryBackend(), unknownExpiry: 'trust', autoRefresh: false },
    // `undefined` is "left out".
    Object.fromEntries([
      ['storage', memoryBackend()],
      ...[
        'refresh',
        'autoRefresh',
        'leeway',
        'unknownExpiry',
        'codec',
        'namespace',
        'clock',
        'timeout',
        'rejectedCodes',
        'onError',
      ].map((name) => [name, undefined]),
    ]) as CredentialStoreOptions,
  ];
  for (const [index, options] of right.entries()) {
    test(`set ${index}`, async () => {
      const store = createCredentialStore(options);
      if (options.timeout !== 0) {
        await store.entry().set({ access_token: 'a' });
        expect(await store.entry().get()).toEqual({ access_token: 'a' });
      }
      await store.close();
    });
  }

  test('a timeout of Infinity or beyond 2^31-1 does not fire at once', async () => {
    for (const timeout of [Number.POSITIVE_INFINITY, 2 ** 31, 1e15]) {
      const memory = memoryBackend();
      const slow = {
        ...memory,
        get: (key: string) =>
          new Promise<string | undefined>((resolve) =>
            setTimeout(() => resolve(memory.get(key) as string | undefined), 15),
          ),
      };
      const entry = createCredentialStore({ storage: slow, timeout, refreshTimeout: timeout }).entry();
      await expect(entry.get()).resolves.toBeUndefined();
    }
  });
});

test('making a store and its entries touches neither storage nor clock', () => {
  const refuse = (): never => {
    throw new Error('touched');
  };
  const store = createCredentialStore({
    storage: {
      name: 'untouched',
      scope: 'context',
      persistent: false,
      get: refuse,
      compareAndSet: refuse,
      keys: refuse,
      subscribe: refuse,
      lease: refuse,
    },
    clock: { now: refuse, setTimeout: refuse, clearTimeout: refuse },
  });
  const entry = store.entry();
  expect(entry.key).toBe('default');
  expect(entry.credentials).toBe(store.entry('default').credentials);
  expect(entry.timeLeft()).toBe(entry.timeLeft({ every: 1000 }));
});

test('timeLeft refuses an interval that is none, by name', () => {
  const entry = createCredentialStore({ storage: memoryBackend() }).entry();
  for (const every of [0, -1, Number.NaN, Infinity, '1000', null]) {
    expect(() => entry.timeLeft({ every: every as number })).toThrow(TypeError);
    expect(() => entry.timeLeft({ every: every as number })).toThrow('every');
  }
});

test('until refuses what is no status, and every call a signal that is none', async () => {
  const entry = createCredentialStore({ storage: memoryBackend(), refresh: async () => ({}) }).entry();
  for (const status of ['bogus', undefined, null, [], ['fresh', 'stale'], {}])
    await expect(entry.until(status as 'fresh')).rejects.toThrow(
      /^until\(\) takes one or several of: loading,/,
    );
  for (const signal of [{}, 'abort', null, new AbortController()]) {
    const options = { signal: signal as AbortSignal };
    for (const call of [
      () => entry.until('fresh', options),
      () => entry.refresh(options),
      () => entry.getAccessToken(options),
    ])
      await expect(call()).rejects.toThrow(new TypeError('The option "signal" must be an AbortSignal.'));
  }
});
