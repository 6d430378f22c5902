import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { keychainKey } from '../../src/keychain/index.js';
import { buildProgram } from './buildProgram.js';
import { canStartKeychain, type Keychain, startKeychain } from './startKeychain.js';

interface Outcome {
  readonly value?: unknown;
  readonly name?: string;
  readonly code?: string;
  readonly retryable?: boolean;
  readonly message?: string;
}

const service = 'shelflife test';
const attributes = ['service', service, 'username', 'shelflife'];
const keychains: Keychain[] = [];

afterEach(async () => {
  for (const keychain of keychains.splice(0)) await keychain.stop();
});

async function open(options?: { readonly isUnlocked?: boolean }): Promise<Keychain> {
  const keychain = await startKeychain(options);
  keychains.push(keychain);
  return keychain;
}

/** Runs calls in a process of their own. Nothing may be told on stderr. */
async function run({ environment, home }: Keychain, ...calls: string[]): Promise<Outcome[]> {
  const parameters = [await buildProgram(), join(home, 'credentials'), service, ...calls];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, parameters, { env: environment });
  expect(stderr).toBe('');
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Outcome);
}

/** The files of the records, byte by byte. */
async function recordsOf({ home }: Keychain): Promise<Record<string, string>> {
  const directory = join(home, 'credentials');
  const names = (await readdir(directory).catch(() => [])).filter((name) => name.endsWith('.json'));
  const texts = await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')));
  return Object.fromEntries(names.map((name, index) => [name, texts[index] ?? '']));
}

const unavailable = (retryable: boolean, message: RegExp): unknown =>
  expect.objectContaining({
    name: 'KeyUnavailableError',
    code: 'ERR_KEY_UNAVAILABLE',
    retryable,
    message: expect.stringMatching(message) as unknown,
  });

describe.skipIf(!canStartKeychain())('keychainKey, with GNOME Keyring', { timeout: 60_000 }, () => {
  test('keeps a key of 32 bytes in the keychain, and the record in the file', async () => {
    const keychain = await open();
    expect(await run(keychain, 'read:a', 'write:a:text-of-a', 'read:a')).toEqual([
      { value: null },
      { value: true },
      { value: 'text-of-a' },
    ]);
    expect(await run(keychain, 'read:a')).toEqual([{ value: 'text-of-a' }]);
    const kept = keychain.secretTool(['lookup', ...attributes]);
    expect(Buffer.from(kept, 'base64url')).toHaveLength(32);
    const records = Object.values(await recordsOf(keychain));
    expect(records).toEqual([expect.stringMatching(/^eyJ/)]);
    for (const spelling of [kept, Buffer.from(kept, 'base64url').toString('hex'), 'text-of-a'])
      expect(records[0]).not.toContain(spelling);
  });

  test('makes one key, though several processes start at the same moment', async () => {
    const keychain = await open();
    const names = ['a', 'b', 'c', 'd', 'e'];
    const outcomes = await Promise.all(names.map((name) => run(keychain, `write:${name}:text`)));
    expect(outcomes).toEqual(names.map(() => [{ value: true }]));
    const reads = await run(keychain, ...names.map((name) => `read:${name}`));
    expect(reads).toEqual(names.map(() => ({ value: 'text' })));
  });

  test('says that the keychain is locked, leaves the records, and goes on once it is not', async () => {
    const keychain = await open();
    await run(keychain, 'write:a:text');
    const before = await recordsOf(keychain);
    keychain.lock();
    const refused = unavailable(true, /locked.*Unlock it/);
    expect(await run(keychain, 'read:a', 'write:a:other', 'write:new:text', 'rotate')).toEqual([
      refused,
      refused,
      refused,
      refused,
    ]);
    expect(await recordsOf(keychain)).toEqual(before);
    keychain.unlock();
    expect(await run(keychain, 'read:a')).toEqual([{ value: 'text' }]);
  });

  test('that is gone is not made anew while there are records of it', async () => {
    const keychain = await open();
    await run(keychain, 'write:a:text');
    const before = await recordsOf(keychain);
    keychain.secretTool(['clear', ...attributes]);
    const refused = unavailable(false, /is not in the keychain.*left alone/);
    expect(await run(keychain, 'read:a', 'write:a:other', 'write:new:text')).toEqual([
      refused,
      refused,
      refused,
    ]);
    expect(await recordsOf(keychain)).toEqual(before);
    expect(keychain.secretTool(['lookup', ...attributes])).toBe('');
  });

  test('says so where there is no keychain, and writes nothing', async () => {
    const keychain = await open();
    await run(keychain, 'write:a:text');
    const before = await recordsOf(keychain);
    const { DBUS_SESSION_BUS_ADDRESS: _, ...environment } = keychain.environment;
    const refused = unavailable(true, /Secret Service/);
    const without = { ...keychain, environment };
    expect(await run(without, 'read:a', 'write:new:text')).toEqual([refused, refused]);
    expect(await recordsOf(keychain)).toEqual(before);
  });

  test('says so where the keychain refuses to keep it, and writes nothing', async () => {
    const keychain = await open({ isUnlocked: false });
    expect(await run(keychain, 'read:a', 'write:a:text')).toEqual([
      { value: null },
      unavailable(true, /refuses/),
    ]);
    expect(await recordsOf(keychain)).toEqual({});
  });

  test('leaves alone what somebody else keeps under its name, and does not tell it', async () => {
    const keychain = await open();
    keychain.secretTool(['store', '--label=theirs', ...attributes], 'their-password');
    const [outcome] = await run(keychain, 'write:a:text');
    expect(outcome).toEqual(unavailable(false, /something else.*account/));
    expect(JSON.stringify(outcome)).not.toContain('their-password');
    expect(keychain.secretTool(['lookup', ...attributes])).toBe('their-password');
  });
});

describe('keychainKey', () => {
  test.each([
    ['no options', undefined],
    ['no service', {}],
    ['an empty service', { service: '' }],
    ['a service with a NUL', { service: 'a\0b' }],
    ['an empty account', { service: 'a', account: '' }],
  ])('with %s is a TypeError that names the option', (_, options) => {
    const make = keychainKey as (options: unknown) => unknown;
    expect(() => make(options)).toThrow(TypeError);
    expect(() => make(options)).toThrow(/`(service|account)`/);
  });

  test('has a name that no other service and account have', () => {
    const names = [
      keychainKey({ service: 'a', account: 'b:c' }),
      keychainKey({ service: 'a:b', account: 'c' }),
      keychainKey({ service: 'a' }),
    ].map(({ name }) => name);
    expect(new Set(names).size).toBe(3);
  });
});
