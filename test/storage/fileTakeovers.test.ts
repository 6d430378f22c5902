import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { StorageBackend } from '../../src/storage/StorageBackend.js';
import { canTryMatrix, makeLockTable } from './file/lockMatrix.js';
import { canPause, startPaused } from './file/pausedWorker.js';
import { failure, makeSandbox, nameOf, onlyOwner } from './file/sandbox.js';

const LONG = { timeout: 120_000 };

/** Writes as soon as the lock can be had: whoever holds it is judged by its heartbeat, which takes several attempts. */
async function insist(
  backend: StorageBackend,
  expected: string | undefined,
  next: string | undefined,
): Promise<boolean> {
  for (;;) {
    try {
      return await backend.compareAndSet('a', expected, next);
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'TimeoutError') throw error;
    }
  }
}

// In another process namespace a stopped process can't be told from a dead one, so it is taken over after 30 seconds.
describe
  .skipIf(!canPause)
  .concurrent('a process in another namespace, stopped just before its rename,', () => {
    test(
      'does not overwrite what was written meanwhile: of two comparisons one is true',
      LONG,
      async ({ onTestFinished }) => {
        const sandbox = await makeSandbox(onTestFinished);
        const backend = sandbox.open();
        await backend.compareAndSet('a', undefined, 'before');
        const { worker, goOn } = await startPaused(sandbox, `${nameOf('a')}.json`, 'replace', [
          'a',
          'before',
          'late',
        ]);
        expect(await insist(backend, 'before', 'mine')).toBe(true);
        goOn();
        await worker.said('set false');
        await worker.said('stored mine');
        expect(await worker.ended).toBe(0);
        expect(await backend.get('a')).toBe('mine');
      },
    );

    test('does not delete what was written meanwhile', LONG, async ({ onTestFinished }) => {
      const sandbox = await makeSandbox(onTestFinished);
      const backend = sandbox.open();
      await backend.compareAndSet('a', undefined, 'before');
      const { worker, goOn } = await startPaused(sandbox, `${nameOf('a')}.json`, 'remove', ['a', 'before']);
      expect(await insist(backend, 'before', 'mine')).toBe(true);
      goOn();
      await worker.said('set false');
      await worker.said('stored mine');
    });

    test('does not write again what was deleted meanwhile', LONG, async ({ onTestFinished }) => {
      const sandbox = await makeSandbox(onTestFinished);
      const backend = sandbox.open();
      await backend.compareAndSet('a', undefined, 'before');
      const { worker, goOn } = await startPaused(sandbox, `${nameOf('a')}.json`, 'replace', [
        'a',
        'before',
        'late',
      ]);
      expect(await insist(backend, 'before', undefined)).toBe(true);
      goOn();
      await worker.said('set false');
      await worker.said('stored undefined');
    });

    test('sets no copy aside of what was deleted meanwhile', LONG, async ({ onTestFinished }) => {
      const sandbox = await makeSandbox(onTestFinished);
      const backend = sandbox.open();
      await backend.compareAndSet('a', undefined, 'before');
      const { worker, goOn } = await startPaused(sandbox, `${nameOf('a')}.damaged`, 'setAside', ['a']);
      expect(await insist(backend, 'before', undefined)).toBe(true);
      goOn();
      await worker.said('set aside');
      expect(await worker.ended).toBe(0);
      expect(readdirSync(sandbox.directory).filter((file) => file.startsWith(nameOf('a')))).toEqual([]);
    });

    test('does not take a lease from the one who has it meanwhile', LONG, async ({ onTestFinished }) => {
      const sandbox = await makeSandbox(onTestFinished);
      const dead = await sandbox.startWorker('hold', ['a']);
      await dead.said('held');
      dead.kill();
      await dead.ended;
      // As somebody leaves it who died after fencing it: nobody has to watch it.
      rmSync(dirname(onlyOwner(sandbox.directory).path), { recursive: true });
      const name = `${nameOf('a')}.lease`;
      const pausing = startPaused(sandbox, name, 'hold', ['a']);
      const backend = sandbox.open();
      const { worker, goOn } = await pausing;
      const lease = await backend.lease?.('a', { signal: AbortSignal.timeout(60_000) });
      const ours = readFileSync(join(sandbox.directory, name), 'utf8');
      goOn();
      await sleep(2500);
      expect(worker.lines).toEqual([]);
      expect(readFileSync(join(sandbox.directory, name), 'utf8')).toBe(ours);
      expect(lease?.signal.aborted).toBe(false);
      await lease?.release();
      await worker.said('held');
    });

    test('does not give back the lease of the one who has it meanwhile', LONG, async ({ onTestFinished }) => {
      const sandbox = await makeSandbox(onTestFinished);
      const name = `${nameOf('a')}.lease`;
      const { worker, goOn } = await startPaused(sandbox, name, 'borrow', ['a']);
      const lease = await sandbox.open().lease?.('a', { signal: AbortSignal.timeout(60_000) });
      goOn();
      await worker.said('gave back');
      expect(existsSync(join(sandbox.directory, name))).toBe(true);
      const third = sandbox.open();
      expect((await failure(third.lease?.('a', { signal: AbortSignal.timeout(500) }))).name).toBe(
        'TimeoutError',
      );
      await lease?.release();
    });
  });

const page = new URL('../../docs/commit-protocol.md', import.meta.url);
const [begin, end] = ['<!-- lock table: made by a test -->', '<!-- end of the lock table -->'];

// A clock, a namespace, /proc or a process id that others have: who gets a lease, and how often the refresh token is sent.
test
  .skipIf(!canTryMatrix)
  .concurrent(
    'of all holders and takers is as the documentation says (UPDATE_DOCS=1 writes it)',
    { timeout: 240_000 },
    async () => {
      const table = await makeLockTable();
      const text = readFileSync(page, 'utf8');
      const [start, stop] = [text.indexOf(begin) + begin.length, text.indexOf(end)];
      expect(start).toBeLessThan(stop);
      if (!process.env['UPDATE_DOCS']) expect(text.slice(start, stop).trim()).toBe(table);
      else writeFileSync(page, `${text.slice(0, start)}\n\n${table}\n\n${text.slice(stop)}`);
    },
  );
