import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { chmod, chown } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { createCredentialStore } from '../../src/index.js';
import { afterTest, failure, makeSandbox, nameOf } from './file/sandbox.js';

const isRoot = process.getuid?.() === 0;
const canTrace = spawnSync('strace', ['-qq', '-e', 'trace=none', 'true']).status === 0;
const canRunAsNobody =
  isRoot && spawnSync('runuser', ['-u', 'nobody', '--', process.execPath, '-e', '0']).status === 0;

const big = (letter: string, size: number) => letter.repeat(size);

/** A command that makes a system call of the worker fail from its n-th time on. One thread of libuv, so that they are counted together. */
const inject = (calls: string, error: string, from: number, to?: number) => [
  'env', 'UV_THREADPOOL_SIZE=1',
  'strace', '-f', '-qq', '-o', '/dev/null', '-e', `trace=${calls}`,
  '-e', `inject=${calls}:error=${error}:when=${from}${to === undefined ? '+' : `..${to}`}`,
]; // prettier-ignore

// Without strace (Debian: `apt install strace`), or where a container forbids ptrace, there is no way to inject these.
describe.skipIf(!canTrace)('a system call that fails', () => {
  test.each([
    ['the first fsync, of the id file', 'fsync', 'EIO', 1, 'before'],
    ['the second fsync, of the value', 'fsync', 'EIO', 2, 'before'],
    ['the third fsync, of the directory', 'fsync', 'EIO', 3, 'after'],
    ['the first rename, of the id file', 'rename,renameat,renameat2', 'EIO', 1, 'before'],
    ['the second rename, of the value', 'rename,renameat,renameat2', 'EIO', 2, 'before'],
    ['the second rename, as across devices', 'rename,renameat,renameat2', 'EXDEV', 2, 'before'],
    ['a chmod', 'fchmod', 'EIO', 2, 'before'],
  ])('in %s, is told, and leaves a whole value', async (_what, call, error, from, stored) => {
    const { open, directory, litter, startWorker } = await makeSandbox();
    const backend = open();
    await backend.compareAndSet('a', undefined, 'before');
    await backend.close?.();
    const worker = await startWorker('replace', ['a', 'before', 'after'], inject(call, error, from));
    const line = await worker.said('{');
    expect(JSON.parse(line)).toMatchObject({ name: 'StorageUnavailableError', code: error });
    expect(line).toContain(directory);
    await worker.said(`stored ${stored}`);
    expect(await worker.ended).toBe(0);
    expect(await backend.compareAndSet('a', stored, 'again')).toBe(true);
    await backend.close?.();
    expect(litter()).toEqual([]);
  });

  test.each(['EPERM', 'EACCES', 'ENOSYS', 'EOPNOTSUPP'])(
    'as link does with %s on a file system without it, is made up for',
    async (error) => {
      const { open, litter, startWorker } = await makeSandbox();
      const worker = await startWorker('count', ['a', 3], inject('link,linkat', error, 1));
      expect(await worker.ended).toBe(0);
      expect(JSON.parse((await open().get('a')) ?? '')).toMatchObject({ count: 3 });
      expect(litter()).toEqual([]);
    },
  );

  test('as the removal of its lock does, holds up nobody after the process has ended', async () => {
    const { open, litter, startWorker } = await makeSandbox();
    // The third rename takes the lock away.
    const worker = await startWorker('set', ['a', 'v'], inject('rename,renameat,renameat2', 'EIO', 3));
    await worker.said('set true');
    await worker.ended;
    expect(litter()).toContain(`${nameOf('a')}.lock`);
    const backend = open();
    const since = performance.now();
    expect(await backend.compareAndSet('a', 'v', 'w')).toBe(true);
    expect(performance.now() - since).toBeLessThan(2000);
    await backend.close?.();
    expect(litter()).toEqual([]);
  });
});

describe.skipIf(!canTrace)('a lock whose release fails', () => {
  test('is given back by its owner later, while that lives on', async () => {
    const { open, litter, startWorker } = await makeSandbox();
    const worker = await startWorker('linger', ['a', 'v'], inject('rename,renameat,renameat2', 'EIO', 3, 3));
    await worker.said('set true');
    expect(litter()).toContain(`${nameOf('a')}.lock`);
    const backend = open();
    expect(await backend.compareAndSet('a', 'v', 'w')).toBe(true);
    await backend.close?.();
  });
});

test.skipIf(process.platform === 'win32')('a process with few file descriptors lists many keys', async () => {
  const { open, startWorker, litter } = await makeSandbox();
  const backend = open();
  const long = 'k'.repeat(200);
  for (let first = 0; first < 400; first += 50) {
    const keys = Array.from({ length: 50 }, (_, index) => `${long}${first + index}`);
    await Promise.all(keys.map((key) => backend.compareAndSet(key, undefined, 'v')));
  }
  await backend.close?.();
  const worker = await startWorker('list', [], ['sh', '-c', 'ulimit -n 96; exec "$@"', 'sh']);
  expect(await worker.said('keys')).toMatch(/^40[01] keys, set true$/);
  expect(litter().filter((file) => file.endsWith('.lock'))).toEqual([]);
});

async function mounted() {
  const sandbox = await makeSandbox();
  mkdirSync(sandbox.directory, { mode: 0o700 });
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=700', 'tmpfs', sandbox.directory]);
  afterTest(() => void execFileSync('umount', [sandbox.directory]));
  return sandbox;
}

test.skipIf(!canTrace)(
  'a taker that is slow does not take from the one who took from the dead before it',
  async () => {
    const { directory, open, litter, startWorker } = await makeSandbox();
    const dead = await startWorker('hold', ['a']);
    await dead.said('held');
    dead.process.kill('SIGKILL');
    await dead.ended;
    const [left] = litter().filter((file) => file.startsWith('.owner-'));
    const backend = open();
    // It reads that the holder is dead, and is held up for two seconds before it may remove the lock.
    const before = [
      'env',
      'UV_THREADPOOL_SIZE=1',
      'strace',
      '-f',
      '-qq',
      '-o',
      '/dev/null',
      '-e',
      'trace=link,linkat',
    ];
    const slow = await startWorker(
      'hold',
      ['a'],
      [...before, '-e', 'inject=link,linkat:delay_enter=2000000:when=2'],
    );
    await vi.waitFor(() => expect(litter()).not.toContain(left), 5000);
    await sleep(500);
    const lease = await backend.lease?.('a', { signal: AbortSignal.timeout(1000) });
    const lock = join(directory, `${nameOf('a')}.lease`);
    const ours = readFileSync(lock, 'utf8');
    expect(litter().filter((file) => file.startsWith('.owner-'))).toHaveLength(2);
    await sleep(2500);
    expect(slow.lines).toEqual([]);
    expect(readFileSync(lock, 'utf8')).toBe(ours);
    await lease?.release();
    await slow.said('held');
  },
);

// Mounting takes root. As root a mount that is refused is a failure, and not a reason to skip.
describe.skipIf(!isRoot || process.platform !== 'linux')('a small file system', () => {
  test('that is full is told, keeps what was stored, and takes writes again when there is room', async () => {
    const { directory, litter, open } = await mounted();
    const backend = open();
    await backend.compareAndSet('a', undefined, big('a', 20_000));
    const error = await failure(backend.compareAndSet('a', big('a', 20_000), big('b', 60_000)));
    expect(error).toMatchObject({ name: 'StorageQuotaError', code: 'ERR_STORAGE_QUOTA', retryable: true });
    expect(error.cause?.code).toBe('ENOSPC');
    expect(error.message).toContain(directory);
    expect(error.message + error.stack).not.toContain('bbbb');
    expect(await backend.get('a')).toBe(big('a', 20_000));
    expect(litter()).toEqual([expect.stringMatching(/^\.owner-/)]);
    expect(await backend.compareAndSet('a', big('a', 20_000), 'small')).toBe(true);
    expect(await backend.get('a')).toBe('small');
  });

  test.each([
    {
      fault: 'is full',
      name: 'StorageQuotaError',
      begin: (directory: string) => writeFileSync(join(directory, 'filler'), big('f', 57_000)),
      end: (directory: string) => unlinkSync(join(directory, 'filler')),
    },
    {
      fault: 'becomes read-only',
      name: 'StorageUnavailableError',
      begin: (directory: string) => execFileSync('mount', ['-o', 'remount,ro', directory]),
      end: (directory: string) => execFileSync('mount', ['-o', 'remount,rw', directory]),
    },
  ])(
    'that $fault during a refresh costs no rotated token: health tells it, and it is stored afterwards',
    async ({ name, begin, end }) => {
      const { directory, open, litter } = await mounted();
      const store = createCredentialStore({
        storage: open(),
        onError: () => {},
        async refresh() {
          begin(directory);
          return { access_token: 'rotated', refresh_token: big('r', 9000), expires_in: 3600 };
        },
      });
      const session = store.entry();
      await session.set({
        access_token: 'old',
        refresh_token: 'spent',
        issued_at: new Date(0),
        expires_in: 1,
      });
      expect(await session.getAccessToken()).toBe('rotated');
      expect(store.health.value).toMatchObject({ status: 'failed', error: { name } });
      const other = createCredentialStore({ storage: open() }).entry();
      expect((await other.get())?.access_token).toBe('old');
      end(directory);
      await vi.waitFor(async () => expect((await other.get())?.access_token).toBe('rotated'), {
        timeout: 10_000,
        interval: 50,
      });
      await vi.waitFor(() => expect(store.health.value.status).toBe('ok'));
      // The lease that could not be given back meanwhile is given back too.
      await vi.waitFor(() => expect(litter().filter((file) => file.endsWith('.lease'))).toEqual([]), 5000);
      await store.close();
    },
  );

  test('that becomes read-only is told, can still be read, and takes writes again afterwards', async () => {
    const { directory, open } = await mounted();
    const backend = open();
    await backend.compareAndSet('a', undefined, 'v1');
    execFileSync('mount', ['-o', 'remount,ro', directory]);
    for (const each of [backend, open()]) {
      const error = await failure(each.compareAndSet('a', 'v1', 'v2'));
      expect(error).toMatchObject({
        name: 'StorageUnavailableError',
        retryable: true,
        cause: { code: 'EROFS' },
      });
      expect(error.message).toContain(directory);
      expect(await each.get('a')).toBe('v1');
    }
    execFileSync('mount', ['-o', 'remount,rw', directory]);
    expect(await backend.compareAndSet('a', 'v1', 'v2')).toBe(true);
  });
});

// Root may write anywhere, so this takes another user, and for that, root.
test.skipIf(!canRunAsNobody)(
  'a directory that its own user may not write is told, and can be read',
  async () => {
    const { directory, startWorker } = await makeSandbox();
    await chmod(join(directory, '..'), 0o755);
    mkdirSync(directory);
    const [uid, gid] = ['-u', '-g'].map((flag) =>
      Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' })),
    );
    const asNobody = ['runuser', '-u', 'nobody', '--'];
    await chown(directory, uid ?? 0, gid ?? 0);
    await (await startWorker('set', ['a', 'v1'], asNobody)).said('set true');
    await chmod(directory, 0o500);
    const worker = await startWorker('replace', ['a', 'v1', 'v2'], asNobody);
    expect(JSON.parse(await worker.said('{'))).toMatchObject({
      name: 'StorageUnavailableError',
      code: 'EACCES',
    });
    await worker.said('stored v1');
    expect(readFileSync(join(directory, `${nameOf('a')}.json`), 'utf8')).toBe('v1');
    expect(readdirSync(directory)).not.toContain(`${nameOf('a')}.lock`);
  },
);
