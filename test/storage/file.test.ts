import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fileBackend } from '../../src/storage/file.js';
import type { StorageBackend } from '../../src/storage/StorageBackend.js';
import { failure, nameOf } from './file/sandbox.js';
import { startWorker } from './file/startWorker.js';

let parent: string;
let directory: string;
let backend: StorageBackend;

beforeEach(async () => {
  parent = await mkdtemp(join(await realpath(tmpdir()), 'shelflife-'));
  directory = join(parent, 'credentials');
  backend = fileBackend({ directory });
});

afterEach(async () => {
  await backend.close?.();
  vi.unstubAllEnvs();
  await rm(parent, { recursive: true, force: true });
});

const mode = (path: string) => (statSync(path).mode & 0o7777).toString(8);

async function listed(): Promise<string[]> {
  const keys = [];
  for await (const key of await backend.keys('')) keys.push(key);
  return keys;
}

describe('options', () => {
  test.each([
    [undefined, 'options'],
    [null, 'options'],
    ['directory', 'options'],
    [{}, 'app'],
    [{ app: 'a', directory: 'b' }, 'both'],
    [{ app: 1 }, 'app'],
    [{ app: '' }, 'app'],
    [{ app: '../escape' }, 'app'],
    [{ directory: '' }, 'directory'],
    [{ directory: 7 }, 'directory'],
    [{ directory: 'a\0b' }, 'directory'],
  ])('refuses %j and names the option', (options, word) => {
    // @ts-expect-error: some of them are no options at all.
    const make = () => fileBackend(options);
    expect(make).toThrow(TypeError);
    expect(make).toThrow(word);
  });

  test.runIf(process.platform === 'linux')('puts an app below XDG_STATE_HOME', async () => {
    vi.stubEnv('XDG_STATE_HOME', parent);
    const app = fileBackend({ app: 'my-tool' });
    await app.compareAndSet('a', undefined, 'v');
    await app.close?.();
    expect(readdirSync(join(parent, 'my-tool', 'credentials'))).toEqual([`${nameOf('a')}.json`]);
  });
});

describe('values', () => {
  test('are read back as they were written, byte for byte', async () => {
    const values = [
      '',
      'true',
      '123',
      'null',
      '{"a":1}',
      '\u{FEFF}mark',
      'a\0b\r\n',
      '😀 é e\u0301',
      'x'.repeat(300_000),
    ];
    let before: string | undefined;
    for (const value of values) {
      expect(await backend.compareAndSet('a', before, value)).toBe(true);
      expect(await backend.get('a')).toBe(value);
      before = value;
    }
    expect(readFileSync(join(directory, `${nameOf('a')}.json`), 'utf8')).toBe(before);
  });

  test('are replaced only if they are what was expected', async () => {
    expect(await backend.compareAndSet('a', 'other', 'v1')).toBe(false);
    expect(await backend.compareAndSet('a', undefined, 'v1')).toBe(true);
    expect(await backend.compareAndSet('a', undefined, 'v2')).toBe(false);
    expect(await backend.compareAndSet('a', 'v2', 'v3')).toBe(false);
    expect(await backend.compareAndSet('a', 'v1', 'v1')).toBe(true);
    expect(await backend.compareAndSet('a', 'v1', undefined)).toBe(true);
    expect(await backend.get('a')).toBeUndefined();
    expect(await backend.compareAndSet('a', undefined, undefined)).toBe(true);
  });

  test('are set by one of 500 parallel writers', async () => {
    const results = await Promise.all(
      Array.from({ length: 500 }, async (_, i) => backend.compareAndSet('a', undefined, `${i}`)),
    );
    expect(results.filter(Boolean)).toHaveLength(1);
    expect(await backend.get('a')).toBe(String(results.indexOf(true)));
  });

  test('that are damaged are told apart from absent ones, compared, listed, set aside and replaced', async () => {
    await backend.compareAndSet('a', undefined, 'v');
    await backend.compareAndSet('empty', undefined, 'v');
    const file = join(directory, `${nameOf('a')}.json`);
    const bytes = Buffer.from([0xff, 0x00, 0xe9, 0x80]);
    writeFileSync(file, bytes);
    writeFileSync(join(directory, `${nameOf('empty')}.json`), '');
    expect(await backend.get('empty')).toBe('');
    const read = await backend.get('a');
    expect(read).toBe(bytes.toString('latin1'));
    expect((await listed()).toSorted()).toEqual(['a', 'empty']);
    await backend.quarantine?.('a');
    expect(readFileSync(join(directory, `${nameOf('a')}.damaged`))).toEqual(bytes);
    expect(mode(join(directory, `${nameOf('a')}.damaged`))).toBe('600');
    expect(await backend.compareAndSet('a', read, 'new')).toBe(true);
    expect(await backend.keys('a')).toEqual(['a']);
    expect(existsSync(join(directory, `${nameOf('a')}.damaged`))).toBe(true);
    expect(await backend.compareAndSet('a', 'new', undefined)).toBe(true);
    expect(readdirSync(directory).filter((name) => name.startsWith(nameOf('a')))).toEqual([]);
  });

  test('leave no copy when a key that is absent is deleted', async () => {
    await backend.compareAndSet('a', undefined, 'v');
    await backend.quarantine?.('a');
    await rm(join(directory, `${nameOf('a')}.json`));
    expect(await backend.compareAndSet('a', undefined, undefined)).toBe(true);
    expect(existsSync(join(directory, `${nameOf('a')}.damaged`))).toBe(false);
  });

  test('that cannot be read are never absent', async () => {
    mkdirSync(join(directory, `${nameOf('a')}.json`), { recursive: true });
    const error = await failure(backend.get('a'));
    expect(error).toMatchObject({ name: 'CorruptRecordError', retryable: false });
    expect(error.message).toContain(join(directory, `${nameOf('a')}.json`));
  });
});

describe('keys', () => {
  const keys = [
    '', '../x', '../../etc/passwd', 'a/b', 'a\\b', 'A', 'a', '__proto__', 'constructor', '.', '..', 'con', 'nul', 'a.json',
    '😀', '\u00e9', 'e\u0301', 'a b', 'a\0b', 'k61', 'x'.repeat(80), 'x'.repeat(81), 'x'.repeat(300), `${'x'.repeat(299)}y`, 'é'.repeat(300),
  ]; // prettier-ignore

  test('never collide, never leave the directory, and are listed whole', async () => {
    for (const key of keys) expect(await backend.compareAndSet(key, undefined, `value of ${key}`)).toBe(true);
    for (const key of keys) expect(await backend.get(key)).toBe(`value of ${key}`);
    expect(new Set(await listed())).toEqual(new Set(keys));
    expect(await backend.keys('a.')).toEqual(['a.json']);
    expect(readdirSync(parent)).toEqual(['credentials']);
    const files = readdirSync(directory);
    expect(new Set(files.map((file) => file.toLowerCase())).size).toBe(files.length);
    for (const key of keys) expect(await backend.compareAndSet(key, `value of ${key}`, undefined)).toBe(true);
    await backend.close?.();
    expect(readdirSync(directory)).toEqual([]);
  });

  test('and values with lone surrogates are refused', async () => {
    for (const call of [
      () => backend.get('\ud800'),
      () => backend.compareAndSet('\ud800', undefined, 'v'),
      () => backend.compareAndSet('a', undefined, '\ud800'),
    ]) {
      expect(await failure(call())).toBeInstanceOf(TypeError);
    }
  });

  test('of files that are not ours are not listed, and such files are left alone', async () => {
    await backend.compareAndSet('a', undefined, 'v');
    const foreign = [
      'notes.json',
      'k6.json',
      'kZZ.json',
      '.temporary-mine',
      '.owner-me',
      `h${'0'.repeat(64)}.json`,
    ];
    for (const name of foreign) writeFileSync(join(directory, name), 'mine');
    const other = fileBackend({ directory });
    await other.compareAndSet('b', undefined, 'v');
    await other.close?.();
    expect((await listed()).toSorted()).toEqual(['a', 'b']);
    for (const name of foreign) expect(readFileSync(join(directory, name), 'utf8')).toBe('mine');
  });
});

describe('the directory', () => {
  test('is not made by reading', async () => {
    expect(await backend.get('a')).toBeUndefined();
    expect(await backend.keys('')).toEqual([]);
    await backend.close?.();
    expect(readdirSync(parent)).toEqual([]);
  });

  test.each(['000', '022', '077', '777'])('and its files are private under umask %s', async (umask) => {
    const worker = await startWorker(['set', join(directory, 'deep'), 'x'.repeat(200), 'value', umask]);
    await worker.said('set true');
    await worker.ended;
    const deep = join(directory, 'deep');
    expect([mode(directory), mode(deep)]).toEqual(['700', '700']);
    const files = readdirSync(deep);
    expect(files).toHaveLength(3);
    const [owner = ''] = files.filter((file) => file.startsWith('.owner-'));
    for (const file of [...files.filter((each) => each !== owner), join(owner, 'id')])
      expect([file, mode(join(deep, file))]).toEqual([file, '600']);
    expect(mode(join(deep, owner))).toBe('700');
  });

  test('and its files are closed to others where they were open', async () => {
    await backend.compareAndSet('a', undefined, 'v1');
    await backend.compareAndSet('b', undefined, 'v1');
    for (const key of ['a', 'b']) await chmod(join(directory, `${nameOf(key)}.json`), 0o644);
    await chmod(directory, 0o755);
    const other = fileBackend({ directory });
    expect(await other.get('a')).toBe('v1');
    expect(mode(directory)).toBe('700');
    expect(mode(join(directory, `${nameOf('a')}.json`))).toBe('600');
    expect(await other.compareAndSet('b', 'v1', 'v2')).toBe(true);
    expect(mode(join(directory, `${nameOf('b')}.json`))).toBe('600');
    await other.close?.();
  });

  test('and its files leave alone what a link points to, and do not read it', async () => {
    await backend.compareAndSet('b', undefined, 'v');
    const elsewhere = join(parent, 'elsewhere');
    writeFileSync(elsewhere, 'value');
    await chmod(elsewhere, 0o644);
    symlinkSync(elsewhere, join(directory, `${nameOf('a')}.json`));
    expect((await failure(backend.get('a'))).name).toBe('CorruptRecordError');
    expect(mode(elsewhere)).toBe('644');
    expect(await backend.compareAndSet('a', undefined, 'v')).toBe(true);
    expect(await backend.get('a')).toBe('v');
    expect(readFileSync(elsewhere, 'utf8')).toBe('value');
  });

  test('is refused where it is shared, and left as it is', async () => {
    mkdirSync(directory, { mode: 0o777 });
    await chmod(directory, 0o1777);
    for (const place of [directory, tmpdir(), homedir(), '/']) {
      const before = mode(place);
      const shared = fileBackend({ directory: place });
      for (const call of [() => shared.compareAndSet('a', undefined, 'v'), () => shared.get('a')]) {
        const error = await failure(call());
        expect(error.name).toBe('StorageUnavailableError');
        expect(error.message).toContain(place);
        expect(error.message).toMatch(/shared.*Name a directory/);
      }
      expect(mode(place)).toBe(before);
    }
  });

  test('may be a symbolic link', async () => {
    mkdirSync(join(parent, 'real'));
    symlinkSync(join(parent, 'real'), directory);
    expect(await backend.compareAndSet('a', undefined, 'v')).toBe(true);
    expect(readdirSync(join(parent, 'real'))).toContain(`${nameOf('a')}.json`);
    expect(mode(join(parent, 'real'))).toBe('700');
  });

  test.runIf(process.platform === 'linux')('that cannot be made is named, with the reason', async () => {
    const error = await failure(
      fileBackend({ directory: '/proc/shelflife/deep' }).compareAndSet('a', undefined, 'v'),
    );
    expect(error).toMatchObject({
      name: 'StorageUnavailableError',
      retryable: true,
      cause: { code: 'ENOENT' },
    });
    expect(error.message).toContain('/proc/shelflife/deep');
  });

  test('that is a file is named, with the reason', async () => {
    writeFileSync(directory, 'a file');
    await chmod(directory, 0o644);
    for (const call of [() => backend.get('a'), () => backend.compareAndSet('a', undefined, 'v')]) {
      const error = await failure(call());
      expect(error.name).toBe('StorageUnavailableError');
      expect(error.message).toContain(directory);
    }
    expect(mode(directory)).toBe('644');
  });

  const canRunAsNobody =
    spawnSync('runuser', ['-u', 'nobody', '--', process.execPath, '-e', '0']).status === 0;
  test.skipIf(!canRunAsNobody)('that may not be written is named, with the reason', async () => {
    await chmod(parent, 0o755);
    mkdirSync(directory, { mode: 0o755 });
    const worker = await startWorker(['set', directory, 'a', 'v'], ['runuser', '-u', 'nobody', '--']);
    const error: { name: string; message: string; code: string } = JSON.parse(await worker.said('name'));
    expect(error).toMatchObject({ name: 'StorageUnavailableError', code: 'EPERM' });
    expect(error.message).toContain(directory);
  });

  test('that is deleted underneath is made again', async () => {
    await backend.compareAndSet('a', undefined, 'v1');
    await rm(directory, { recursive: true });
    expect(await backend.get('a')).toBeUndefined();
    expect(await backend.keys('')).toEqual([]);
    expect(await backend.compareAndSet('a', undefined, 'v2')).toBe(true);
    expect(await backend.get('a')).toBe('v2');
    expect(mode(directory)).toBe('700');
  });

  test('that keeps being deleted underneath costs no write its answer', async () => {
    for (let i = 0; i < 30; i++) {
      const write = backend.compareAndSet('a', undefined, `v${i}`);
      await new Promise((resolve) => setTimeout(resolve, i / 4));
      await rm(directory, { recursive: true, force: true }).catch(() => undefined);
      expect(typeof (await write)).toBe('boolean');
      await rm(directory, { recursive: true, force: true });
    }
  });
});

describe('closing', () => {
  test('leaves only the values, may be repeated, and the backend can be used again', async () => {
    await backend.close?.();
    await backend.compareAndSet('a', undefined, 'v1');
    await backend.lease?.('a', { signal: AbortSignal.timeout(1000) });
    await Promise.all([backend.close?.(), backend.close?.()]);
    expect(readdirSync(directory)).toEqual([`${nameOf('a')}.json`]);
    expect(await backend.compareAndSet('a', 'v1', 'v2')).toBe(true);
    const lease = await backend.lease?.('a', { signal: AbortSignal.timeout(1000) });
    await lease?.release();
    await backend.close?.();
    expect(readdirSync(directory)).toEqual([`${nameOf('a')}.json`]);
  });

  test('waits for writes that run, and ends waits for a lease', async () => {
    await backend.lease?.('a', { signal: AbortSignal.timeout(1000) });
    const waiting = failure(backend.lease?.('a', { signal: AbortSignal.timeout(9000) }));
    const write = backend.compareAndSet('b', undefined, 'v');
    await backend.close?.();
    expect(await write).toBe(true);
    expect(['ClosedError']).toContain((await waiting).name);
    expect(readdirSync(directory)).toEqual([`${nameOf('b')}.json`]);
  });
});

describe('subscribing', () => {
  test('tells of changes by another backend, with the key, long keys too', async () => {
    const other = fileBackend({ directory });
    const long = 'x'.repeat(300);
    const keys = new Set<string | undefined>();
    const stopThrowing = backend.subscribe?.(() => {
      throw new Error('a listener that throws');
    });
    const stop = backend.subscribe?.((key) => keys.add(key));
    await vi.waitFor(() => expect(existsSync(directory)).toBe(true));
    await vi.waitFor(() => expect(keys.has(undefined)).toBe(true));
    await other.compareAndSet('a', undefined, 'v');
    await other.compareAndSet(long, undefined, 'v');
    await vi.waitFor(() => expect([...keys]).toEqual(expect.arrayContaining(['a', long])));
    keys.clear();
    await other.compareAndSet('a', 'v', undefined);
    await vi.waitFor(() => expect(keys.has('a')).toBe(true));
    stop?.();
    stopThrowing?.();
    keys.clear();
    await other.compareAndSet('a', undefined, 'w');
    await other.close?.();
    expect([...keys]).toEqual([]);
  });

  test('goes on when the directory is deleted and made again', async () => {
    const other = fileBackend({ directory });
    const hints: (string | undefined)[] = [];
    backend.subscribe?.((key) => hints.push(key));
    await other.compareAndSet('a', undefined, 'v1');
    await vi.waitFor(() => expect(hints).toContain('a'));
    await rm(directory, { recursive: true });
    hints.length = 0;
    await vi.waitFor(() => expect(hints.length).toBeGreaterThan(0), 5000);
    await other.compareAndSet('b', undefined, 'v');
    hints.length = 0;
    await vi.waitFor(() => expect(hints.length).toBeGreaterThan(0), 5000);
    await new Promise((resolve) => setTimeout(resolve, 2200));
    hints.length = 0;
    await other.compareAndSet('b', 'v', 'w');
    await vi.waitFor(() => expect(hints).toContain('b'), 1000);
    await other.close?.();
  });

  test.each(['observe', 'leave'])('or holding a lease keeps no process alive: %s', async (job) => {
    const worker = await startWorker([job, directory, 'a']);
    await worker.said('observing');
    const since = performance.now();
    expect(await worker.ended).toBe(0);
    expect(performance.now() - since).toBeLessThan(1000);
  });
});

test('nothing is touched by importing and constructing', () => {
  expect(readdirSync(parent)).toEqual([]);
});
