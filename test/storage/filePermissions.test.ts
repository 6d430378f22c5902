import { spawnSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { makeSandbox, nameOf, type Sandbox } from './file/sandbox.js';

const mode = (path: string): string => (statSync(path).mode & 0o7777).toString(8);
const isPosix = process.platform !== 'win32';
const asNobody = ['runuser', '-u', 'nobody', '--'];
const [program = '', ...parameters] = asNobody;
const canRunAsNobody = spawnSync(program, [...parameters, process.execPath, '-e', '0']).status === 0;

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await makeSandbox();
});

describe.runIf(isPosix)('a symbolic link that somebody planted for a record', () => {
  test('is replaced by a write, and what it points to is left as it was', async () => {
    const { directory, open } = sandbox;
    const backend = open();
    await backend.compareAndSet('other', undefined, 'value');
    const target = join(directory, '..', 'target');
    writeFileSync(target, 'theirs');
    await chmod(target, 0o644);
    const planted = join(directory, `${nameOf('a')}.json`);
    symlinkSync(target, planted);
    expect(await backend.compareAndSet('a', undefined, 'secret')).toBe(true);
    expect(lstatSync(planted).isSymbolicLink()).toBe(false);
    expect([readFileSync(target, 'utf8'), mode(target)]).toEqual(['theirs', '644']);
    expect(mode(planted)).toBe('600');
  });

  test('is removed by a deletion, and what it points to stays', async () => {
    const { directory, open } = sandbox;
    const backend = open();
    await backend.compareAndSet('other', undefined, 'value');
    const target = join(directory, '..', 'target');
    writeFileSync(target, 'theirs');
    symlinkSync(target, join(directory, `${nameOf('a')}.json`));
    expect(await backend.compareAndSet('a', undefined, undefined)).toBe(true);
    expect(readFileSync(target, 'utf8')).toBe('theirs');
    expect(readdirSync(directory)).not.toContain(`${nameOf('a')}.json`);
  });
});

describe.runIf(isPosix)('a directory that others can write', () => {
  test.each([0o777, 0o770, 0o722])('is closed to them before anything is written in it: %o', async (open) => {
    mkdirSync(sandbox.directory);
    await chmod(sandbox.directory, open);
    expect(await sandbox.open().compareAndSet('a', undefined, 'secret')).toBe(true);
    expect(mode(sandbox.directory)).toBe('700');
  });

  test.skipIf(!canRunAsNobody)(
    'and that is not ours is refused with a message that says what to run',
    async () => {
      const { directory, startWorker } = sandbox;
      await chmod(join(directory, '..'), 0o755);
      mkdirSync(directory);
      await chmod(directory, 0o777);
      const worker = await startWorker('set', ['a', 'secret'], asNobody);
      const error: { name: string; message: string } = JSON.parse(await worker.said('name'));
      expect(error.name).toBe('StorageUnavailableError');
      expect(error.message).toContain(directory);
      expect(error.message).toContain('chmod 700');
      expect(error.message).not.toContain('secret');
      expect([mode(directory), readdirSync(directory)]).toEqual(['777', []]);
    },
  );
});
