import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { describe, expect, test } from 'vitest';
import { failure, makeSandbox, nameOf } from './file/sandbox.js';

const isRoot = process.getuid?.() === 0;
const limit = 16 * 1024 * 1024;

/** Things that are no record, and how to put them in the place of one. */
const things: readonly (readonly [what: string, plant: (path: string) => void])[] = [
  ['a pipe', (path) => void execFileSync('mkfifo', [path])],
  ['a link to a device without end', (path) => symlinkSync('/dev/zero', path)],
  ['a link to a file', (path) => symlinkSync(process.execPath, path)],
  ['a dangling link', (path) => symlinkSync('/nowhere/at/all', path)],
  ['a link to itself', (path) => symlinkSync(path, path)],
  ['an empty directory', (path) => mkdirSync(path)],
  [
    'a directory with files in it',
    (path) => {
      mkdirSync(join(path, 'deep'), { recursive: true });
      writeFileSync(join(path, 'deep', 'file'), 'x');
    },
  ],
  [
    'a file of two gibibytes',
    (path) => {
      writeFileSync(path, '');
      truncateSync(path, 2 ** 31);
    },
  ],
  [
    'a file one byte too large',
    (path) => {
      writeFileSync(path, '');
      truncateSync(path, limit + 1);
    },
  ],
  ...(isRoot
    ? ([['a device', (path: string) => void execFileSync('mknod', [path, 'c', '1', '5'])]] as const)
    : []),
];

describe.skipIf(process.platform === 'win32').each(things)('%s in the place of a record', (_what, plant) => {
  test('is told with its path, at once, holds up nothing, and is healed by a write and by a deletion', async () => {
    const { directory, open, litter } = await makeSandbox();
    const backend = open();
    await backend.compareAndSet('other', undefined, 'v');
    const path = join(directory, `${nameOf('a')}.json`);
    plant(path);

    const since = performance.now();
    const errors = await Promise.all(Array.from({ length: 10 }, () => failure(backend.get('a'))));
    for (const error of errors) {
      expect(error).toMatchObject({ name: 'CorruptRecordError', backend: 'file' });
      expect(error.message).toContain(path);
    }
    expect(await backend.get('other')).toBe('v');
    expect(performance.now() - since).toBeLessThan(2000);
    expect(await backend.compareAndSet('a', 'some text', 'v')).toBe(false);
    expect((await backend.keys('')) as string[]).toEqual(expect.arrayContaining(['a', 'other']));

    await backend.quarantine?.('a');
    expect(await backend.compareAndSet('a', undefined, 'healed')).toBe(true);
    expect(await backend.get('a')).toBe('healed');
    expect(await backend.compareAndSet('a', 'healed', undefined)).toBe(true);
    plant(path);
    expect(await backend.compareAndSet('a', undefined, undefined)).toBe(true);
    expect(await backend.get('a')).toBeUndefined();
    expect(readdirSync(directory).filter((file) => file.startsWith(nameOf('a')))).toEqual([]);
    await backend.close?.();
    expect(litter()).toEqual([]);
    expect(statSync(process.execPath).size).toBeGreaterThan(0);
  });
});

test('a record of exactly 16 MiB is one', async () => {
  const { open } = await makeSandbox();
  const value = 'x'.repeat(limit);
  await open().compareAndSet('a', undefined, value);
  expect(await open().get('a')).toBe(value);
});

test('a record that has another name too is read, and not closed to those who may read that', async () => {
  const { directory, open } = await makeSandbox();
  const backend = open();
  await backend.compareAndSet('b', undefined, 'v');
  const elsewhere = join(dirname(directory), 'elsewhere');
  writeFileSync(elsewhere, 'value', { mode: 0o644 });
  linkSync(elsewhere, join(directory, `${nameOf('a')}.json`));
  expect(await backend.get('a')).toBe('value');
  expect(statSync(elsewhere).mode & 0o777).toBe(0o644);
});

test('a directory that is replaced by a link while it is in use is noticed, and again fine when it is back', async () => {
  const { directory, open } = await makeSandbox();
  const backend = open();
  await backend.compareAndSet('a', undefined, 'v');
  const [aside, trap] = [`${directory}-aside`, `${directory}-trap`];
  renameSync(directory, aside);
  mkdirSync(trap, { mode: 0o755 });
  writeFileSync(join(trap, `${nameOf('a')}.json`), 'planted');
  symlinkSync(trap, directory);
  for (const call of [
    () => backend.get('a'),
    () => backend.compareAndSet('a', 'v', 'w'),
    () => backend.keys(''),
  ]) {
    const error = await failure(call());
    expect(error.name).toBe('StorageUnavailableError');
    expect(error.message).toMatch(/replaced by a link/);
  }
  expect(readFileSync(join(trap, `${nameOf('a')}.json`), 'utf8')).toBe('planted');
  rmSync(directory);
  renameSync(aside, directory);
  expect(await backend.compareAndSet('a', 'v', 'w')).toBe(true);
  expect(await backend.get('a')).toBe('w');
  await backend.close?.();
  expect(existsSync(trap)).toBe(true);
});

const canLimit = spawnSync('sh', ['-c', 'ulimit -n 64']).status === 0;

test.skipIf(!canLimit).each([200, 1000])(
  'a process with 64 descriptors makes %i parallel writes, all of them',
  { timeout: 120_000 },
  async (count) => {
    const { startWorker, litter, open } = await makeSandbox();
    const worker = await startWorker('parallel', [count], ['sh', '-c', 'ulimit -n 64; exec "$@"', 'sh']);
    expect(await worker.said('written')).toBe(`written ${count} of ${count}`);
    expect(await worker.ended).toBe(0);
    expect(litter()).toEqual([]);
    expect(await open().get('key 7')).toBe('value 7');
  },
);
