import { execFileSync, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createCredentialStore } from '../../src/index.js';
import { fileBackend } from '../../src/storage/file.js';
import { afterTest, failure, makeSandbox, nameOf, type Sandbox } from './file/sandbox.js';

const isRoot = process.getuid?.() === 0;

/** A file system of its own: in memory, or in an image that is made by a command. */
async function mounted(options: readonly string[], makeImage?: readonly string[]): Promise<Sandbox> {
  const sandbox = await makeSandbox();
  mkdirSync(sandbox.directory, { mode: 0o700 });
  const image = join(dirname(sandbox.directory), 'image');
  if (makeImage) {
    writeFileSync(image, '');
    truncateSync(image, 8 * 1024 * 1024);
    execFileSync(makeImage[0] ?? '', [...makeImage.slice(1), image], { stdio: 'ignore' });
  }
  execFileSync('mount', [...options, makeImage ? image : 'tmpfs', sandbox.directory]);
  afterTest(() => void execFileSync('umount', [sandbox.directory]));
  return sandbox;
}

/** Fills it, until nothing more can be written. Returns how to make room again. */
function fill(directory: string): () => void {
  const fillers: string[] = [];
  for (const size of [1_000_000, 4096, 1]) {
    for (let isFull = false; !isFull;) {
      const filler = join(directory, `filler-${randomUUID()}`);
      try {
        fillers.push(filler);
        writeFileSync(filler, Buffer.alloc(size));
      } catch {
        isFull = true;
      }
    }
  }
  return () => fillers.forEach((filler) => rmSync(filler, { force: true }));
}

const canMakeExt4 = spawnSync('mkfs.ext4', ['-V']).status === 0;
// A kernel may come without it.
const canMountFat =
  spawnSync('mkfs.vfat', ['--help']).error === undefined &&
  spawnSync('sh', ['-c', 'grep -qw vfat /proc/filesystems || modprobe vfat']).status === 0;

const places = [
  { what: 'without room', isThere: true, mount: () => mounted(['-t', 'tmpfs', '-o', 'size=64k,mode=700']) },
  {
    what: 'without inodes',
    isThere: true,
    mount: () => mounted(['-t', 'tmpfs', '-o', 'nr_inodes=12,mode=700']),
  },
  {
    what: 'on a disk (ext4)',
    isThere: canMakeExt4,
    mount: () => mounted(['-o', 'loop'], ['mkfs.ext4', '-q', '-m', '0', '-N', '32']),
  },
];

// Mounting takes root.
describe.skipIf(!isRoot || process.platform !== 'linux').each(places)(
  'a full file system $what',
  ({ isThere, mount }) => {
    test.skipIf(!isThere)('lets a new process sign out, and lists and reads what is there', async () => {
      const { directory } = await mount();
      const record = (token: string) => ({
        access_token: token,
        refresh_token: `${token}-r`,
        expires_in: 3600,
      });
      const first = createCredentialStore({ storage: fileBackend({ directory }) });
      for (const key of ['a', 'b', 'c']) await first.entry(key).set(record(key));
      await first.close();
      const makeRoom = fill(directory);

      const store = createCredentialStore({ storage: fileBackend({ directory }) });
      expect((await store.entry('a').get())?.access_token).toBe('a');
      expect((await failure(store.entry('new').set(record('x'.repeat(100_000))))).name).toBe(
        'StorageQuotaError',
      );
      await store.entry('a').delete();
      expect(await store.entry('a').get()).toBeUndefined();
      expect((await store.keys()).toSorted()).toEqual(['b', 'c']);
      const makeMoreRoom = fill(directory);
      await store.clear();
      expect(await store.keys()).toEqual([]);
      await store.close();
      const left = readdirSync(directory).filter((file) => !/^filler-|^lost/.test(file));
      expect(left).toEqual([]);

      makeRoom();
      makeMoreRoom();
      const last = createCredentialStore({ storage: fileBackend({ directory }) });
      await last.entry('a').set(record('again'));
      await last.close();
    });

    test.skipIf(!isThere)(
      'lets one of many delete a value, and none another value than it knows',
      async () => {
        const { directory } = await mount();
        const first = fileBackend({ directory });
        await first.compareAndSet('a', undefined, 'v');
        await first.close?.();
        fill(directory);
        const backends = Array.from({ length: 5 }, () => fileBackend({ directory }));
        expect(await backends[0]?.compareAndSet('a', 'w', undefined)).toBe(false);
        expect(await backends[0]?.compareAndSet('a', undefined, undefined)).toBe(false);
        expect(await backends[0]?.get('a')).toBe('v');
        const done = await Promise.all(backends.map((each) => each.compareAndSet('a', 'v', undefined)));
        expect(done.filter(Boolean)).toHaveLength(1);
        expect(await backends[0]?.get('a')).toBeUndefined();
        await Promise.all(backends.map((each) => each.close?.()));
      },
    );
  },
);

describe.skipIf(!isRoot || !canMountFat)('a file system without hard links (vfat)', () => {
  const mount = () => mounted(['-o', 'loop,umask=077'], ['mkfs.vfat']);

  test(
    'holds values, locks and leases as any other, for eight processes at a time',
    { timeout: 120_000 },
    async () => {
      const { directory, open, startWorker, litter } = await mount();
      const workers = await Promise.all(Array.from({ length: 8 }, () => startWorker('count', ['a', 5])));
      expect(await Promise.all(workers.map(({ ended }) => ended))).toEqual(Array(8).fill(0));
      const backend = open();
      expect(JSON.parse((await backend.get('a')) ?? '')).toMatchObject({ count: 40 });
      const lease = await backend.lease?.('a', { signal: AbortSignal.timeout(1000) });
      const other = open();
      const error = await failure(other.lease?.('a', { signal: AbortSignal.timeout(100) }));
      expect(error.message).toContain(`process ${process.pid}`);
      await lease?.release();
      await (await other.lease?.('a', { signal: AbortSignal.timeout(1000) }))?.release();
      await Promise.all([backend.close?.(), other.close?.()]);
      expect(litter()).toEqual([]);
      expect(readdirSync(directory)).toEqual([`${nameOf('a')}.json`]);
    },
  );

  test('passes the lock of a killed holder on', async () => {
    const { open, startWorker, litter } = await mount();
    const holder = await startWorker('hold', ['a']);
    await holder.said('held');
    holder.kill();
    await holder.ended;
    const backends = Array.from({ length: 5 }, open);
    let holders = 0;
    await Promise.all(
      backends.map(async (backend) => {
        const lease = await backend.lease?.('a', { signal: AbortSignal.timeout(10_000) });
        expect(++holders).toBe(1);
        await new Promise((resolve) => setTimeout(resolve, 2));
        holders--;
        await lease?.release();
      }),
    );
    await backends[0]?.compareAndSet('b', undefined, 'v');
    await Promise.all(backends.map((each) => each.close?.()));
    expect(litter()).toEqual([]);
  });
});
