import { deepStrictEqual } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createCredentialStore,
  type Credentials,
  fromTokenResponse,
  memoryBackend,
  parseCredentials,
} from '../../src/index.js';

const jwt = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJqYW5lIn0.';
const data = {
  access_token: 'short',
  refresh_token: 'r-1',
  id_token: jwt,
  issued_at: new Date(),
  expires_in: 3600,
  token_type: 'Bearer',
  scope: 'openid profile email offline_access',
  assertion: jwt,
  apiKey: 'x'.repeat(21),
  nested: { device_token: 'nested', list: [1, jwt], tokens: null },
  many_token: ['one', 'two'],
};
const secrets = ['short', 'r-1', jwt, 'x'.repeat(21), '"nested"', "'nested'", 'one', 'two'];
const shown =
  'Credentials { access_token: [redacted], refresh_token: [redacted], id_token: [redacted], ' +
  `issued_at: ${data.issued_at.toISOString()}, ` +
  'expires_in: 3600, token_type: "Bearer", ' +
  'scope: "openid profile email offline_access", assertion: [redacted], apiKey: [redacted], ' +
  'nested: { device_token: [redacted], list: [1, [redacted]], tokens: null }, many_token: [[redacted], [redacted]] }';

/** As a template string and `console.log('%s')` make it. */
const textOf = (credentials: unknown): string => `in a text: ${credentials as string}`;

/** Credentials from every place that hands them out. */
async function handedOut(): Promise<Record<string, Credentials>> {
  let given: Credentials = {};
  const refresh = async (credentials: Credentials) => {
    given = credentials;
    return data;
  };
  const session = createCredentialStore({ storage: memoryBackend(), refresh }).entry();
  await session.set(data);
  const refreshed = await session.refresh();
  let updated: Credentials = {};
  await session.update((current) => (updated = current ?? {}));
  const { credentials } = session;
  return {
    parseCredentials: parseCredentials(data),
    fromTokenResponse: fromTokenResponse(data),
    get: (await session.get()) ?? {},
    'the signal': credentials.value ?? {},
    refresh: refreshed,
    'the callback of refresh': given,
    'the callback of update': updated,
  };
}

describe('credentials that are handed out', () => {
  test('are shown without their tokens wherever they come from', async () => {
    for (const [source, credentials] of Object.entries(await handedOut())) {
      const texts = [
        inspect(credentials),
        inspect({ deep: { in: [credentials] } }, { depth: 9 }),
        inspect(credentials, { compact: false, colors: true, showHidden: true }),
        textOf(credentials),
      ];
      for (const text of texts) {
        expect(text, source).toContain('[redacted]');
        expect(text, source).toContain('3600');
        for (const secret of secrets) expect(text, source).not.toContain(secret);
      }
    }
    expect(inspect(parseCredentials(data))).toBe(shown);
    expect(textOf(parseCredentials(data))).toBe(`in a text: ${shown}`);
  });

  test('are shown so by console.log of a Node that knows nothing of us', () => {
    const program = `import { parseCredentials } from 'shelflife';
      console.log(parseCredentials({ access_token: 'secret', expires_in: 60 }));
      console.log('%s %o', ...Array(2).fill(parseCredentials({ access_token: 'secret' })));`;
    const output = execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
      encoding: 'utf8',
    });
    expect(output).toBe(
      'Credentials { access_token: [redacted], expires_in: 60 }\n' +
        'Credentials { access_token: [redacted] } Credentials { access_token: [redacted] }\n',
    );
  });

  test('give their data to members, JSON, copies and comparisons', async () => {
    for (const [source, credentials] of Object.entries(await handedOut())) {
      expect(credentials, source).toEqual(data);
      expect(credentials, source).toStrictEqual(data);
      expect(credentials.access_token).toBe('short');
      expect(JSON.parse(JSON.stringify(credentials)), source).toEqual(JSON.parse(JSON.stringify(data)));
      expect(structuredClone(credentials)).toEqual(data);
      expect({ ...credentials }).toEqual(data);
      expect(Object.keys(credentials).toSorted()).toEqual(Object.keys(data).toSorted());
      deepStrictEqual(credentials, data);
      const found: string[] = [];
      for (const name in credentials) found.push(name);
      expect(found.toSorted()).toEqual(Object.keys(data).toSorted());
    }
  });

  test('may be handed in again, and may have members of these names', async () => {
    const session = createCredentialStore({ storage: memoryBackend() }).entry();
    await session.set(parseCredentials({ access_token: 'a', toString: 'kept', inspect: 'kept' }));
    await session.set((await session.get()) ?? {});
    expect(await session.get()).toEqual({ access_token: 'a', toString: 'kept', inspect: 'kept' });
  });

  test('of any shape can be shown, and no token of any is', () => {
    const token = fc.integer({ min: 1e9 }).map((number) => `token-${number}-of-21-and-more`);
    // A member of that name is the caller's own.
    const name = fc.string().filter((text) => text !== 'toString');
    const value = fc.oneof(fc.jsonValue(), token, fc.date(), fc.bigInt(), fc.constant(Symbol.iterator));
    fc.assert(
      fc.property(fc.dictionary(name, value), token, (members, secret) => {
        const text = textOf(parseCredentials({ ...members, access_token: secret, nested: [{ a: secret }] }));
        expect(text).toMatch(/^in a text: Credentials \{ .* \}$/s);
        expect(text).not.toMatch(/token-\d+-of/);
      }),
    );
  });
});
