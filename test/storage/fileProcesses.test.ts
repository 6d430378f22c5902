import { linkSync, readdirSync, readFileSync, utimesSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { afterTest, failure, makeSandbox, nameOf, onlyOwner } from './file/sandbox.js';
import type { Worker } from './file/startWorker.js';

const soak = Boolean(process.env.SOAK);
const PROCESSES = 8;
const LONG = soak ? 3_600_000 : 180_000;
const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const soon = (milliseconds = 2000) => ({ signal: AbortSignal.timeout(milliseconds) });
const countOf = (value: string | undefined): number => JSON.parse(value ?? '{"count":0}').count;

describe('eight processes', () => {
  test('that count on one key lose nothing', { timeout: LONG }, async () => {
    const times = soak ? 500 : 60;
    const { open, litter, startWorker } = await makeSandbox();
    const workers = await Promise.all(
      Array.from({ length: PROCESSES }, () => startWorker('count', ['a', times])),
    );
    expect(await Promise.all(workers.map(({ ended }) => ended))).toEqual(Array(PROCESSES).fill(0));
    expect(countOf(await open().get('a'))).toBe(PROCESSES * times);
    expect(litter()).toEqual([]);
  });

  test('that count on a key each do not meet', { timeout: LONG }, async () => {
    const times = soak ? 500 : 30;
    const { open, startWorker } = await makeSandbox();
    const workers = await Promise.all(
      Array.from({ length: PROCESSES }, (_, i) => startWorker('count', [`key ${i}`, times])),
    );
    expect(await Promise.all(workers.map(({ ended }) => ended))).toEqual(Array(PROCESSES).fill(0));
    const backend = open();
    for (let i = 0; i < PROCESSES; i++) expect(countOf(await backend.get(`key ${i}`))).toBe(times);
  });

  test(
    'that are killed at any moment lose no acknowledged write, and leave no lock and no litter',
    { timeout: LONG },
    async () => {
      const kills = Number(process.env.KILLS ?? (soak ? 1000 : 100));
      const keys = 3;
      const { directory, open, litter, startWorker } = await makeSandbox();
      const logs = await mkdtemp(join(tmpdir(), 'shelflife-logs-'));
      afterTest(() => rm(logs, { recursive: true, force: true }));
      const start = (slot: number) => startWorker('storm', [join(logs, `${slot}`), keys]);
      const workers: Worker[] = await Promise.all(
        Array.from({ length: PROCESSES }, (_, slot) => start(slot)),
      );
      await Promise.all(workers.map((worker) => worker.said('ready')));
      for (let i = 0; i < kills; i++) {
        await sleep(Math.random() * 150);
        const slot = Math.floor(Math.random() * PROCESSES);
        workers[slot]?.process.kill('SIGKILL');
        await workers[slot]?.ended;
        workers[slot] = await start(slot);
      }
      for (const worker of workers) worker.process.kill('SIGKILL');
      await Promise.all(workers.map(({ ended }) => ended));

      const acknowledged = readdirSync(logs).flatMap((log) =>
        readFileSync(join(logs, log), 'utf8').trim().split('\n'),
      );
      expect(acknowledged.length).toBeGreaterThan(kills);
      expect(new Set(acknowledged).size).toBe(acknowledged.length);
      // An id file that was being written says nothing yet, and is left alone while it is new.
      for (const file of litter())
        if (file.startsWith('.temporary-')) utimesSync(join(directory, file), 1, 1);
      const backend = open();
      for (let i = 0; i < keys; i++) {
        const key = `counter-${i}`;
        const counts = acknowledged
          .filter((line) => line.startsWith(`${key} `))
          .map((line) => Number(line.split(' ')[1]));
        const value = await backend.get(key);
        expect(countOf(value)).toBeGreaterThanOrEqual(Math.max(0, ...counts));
        const since = performance.now();
        expect(await backend.compareAndSet(key, value, JSON.stringify({ count: countOf(value) + 1 }))).toBe(
          true,
        );
        await (await backend.lease?.(key, soon()))?.release();
        expect(performance.now() - since).toBeLessThan(2000);
      }
      await backend.close?.();
      expect(litter()).toEqual([]);
    },
  );
});

describe('a holder of the lease', () => {
  test('that is killed is followed within two seconds', async () => {
    const { open, startWorker } = await makeSandbox();
    const holder = await startWorker('hold', ['a']);
    await holder.said('held');
    const waiting = open().lease?.('a', soon(10_000));
    await sleep(300);
    holder.process.kill('SIGKILL');
    const since = performance.now();
    await waiting;
    expect(performance.now() - since).toBeLessThan(2000);
  });

  test('that lets go is followed at once', async () => {
    const { open, startWorker } = await makeSandbox();
    const holder = await startWorker('hold', ['a']);
    await holder.said('held');
    const waiting = open().lease?.('a', soon(10_000));
    holder.process.stdin?.write('release\n');
    await waiting;
    expect(await holder.ended).toBe(0);
  });

  test.runIf(process.platform === 'linux')('that is a zombie is dead', async () => {
    const { open, startWorker } = await makeSandbox();
    // The shell starts the holder and becomes a program that never asks how its child ended.
    const shell = await startWorker('hold', ['a'], ['sh', '-c', '"$0" "$@" & exec sleep 60']);
    const pid = Number((await shell.said('held')).split(' ').at(-1));
    process.kill(pid, 'SIGKILL');
    await sleep(100);
    expect(readFileSync(`/proc/${pid}/stat`, 'utf8')).toContain(') Z ');
    const since = performance.now();
    await open().lease?.('a', soon(5000));
    expect(performance.now() - since).toBeLessThan(2000);
  });

  test('that is stopped keeps it, and wakes up to a write that is refused', { timeout: 20_000 }, async () => {
    const { open, startWorker } = await makeSandbox();
    const backend = open();
    await backend.compareAndSet('a', undefined, 'v1');
    const holder = await startWorker('stale', ['a']);
    await holder.said('held');
    holder.process.kill('SIGSTOP');
    const waiters = [backend, open(), open()];
    const errors = await Promise.all(
      waiters.map((each) => failure(each.lease?.('a', soon(soak ? 60_000 : 1500)))),
    );
    for (const error of errors) {
      expect(error).toMatchObject({ name: 'TimeoutError', retryable: true });
      expect(error.message).toContain(`process ${holder.pid}`);
    }
    expect(await backend.compareAndSet('a', 'v1', 'v2')).toBe(true);
    holder.process.kill('SIGCONT');
    holder.process.stdin?.write('write\n');
    await holder.said('wrote false');
    expect(await holder.ended).toBe(0);
    expect(await backend.get('a')).toBe('v2');
    await (await backend.lease?.('a', soon()))?.release();
  });
});

test(
  'a write waits five seconds for a stopped writer of its key, and not at all for one of another',
  { timeout: 20_000 },
  async () => {
    const { directory, open, startWorker } = await makeSandbox();
    const holder = await startWorker('hold', ['other']);
    await holder.said('held');
    linkSync(onlyOwner(directory).path, join(directory, `${nameOf('a')}.lock`));
    holder.process.kill('SIGSTOP');
    const backend = open();
    const since = performance.now();
    const writes = Promise.all(
      Array.from({ length: 20 }, () => failure(backend.compareAndSet('a', undefined, 'v'))),
    );
    expect(await backend.compareAndSet('b', undefined, 'v')).toBe(true);
    expect(await backend.get('a')).toBeUndefined();
    expect(performance.now() - since).toBeLessThan(2000);
    for (const error of await writes) {
      expect(error).toMatchObject({ name: 'TimeoutError', retryable: true });
      expect(error.message).toContain(`process ${holder.pid}`);
    }
    expect(performance.now() - since).toBeGreaterThan(4900);
    expect(performance.now() - since).toBeLessThan(8000);
    holder.process.kill('SIGKILL');
    await holder.ended;
    const killed = performance.now();
    expect(await backend.compareAndSet('a', undefined, 'v')).toBe(true);
    expect(performance.now() - killed).toBeLessThan(2000);
  },
);

test('a reader beside a writer sees only whole values', { timeout: LONG }, async () => {
  const { open, startWorker } = await makeSandbox();
  const backend = open();
  await backend.compareAndSet('a', undefined, JSON.stringify({ i: -1, end: -1 }));
  const writer = await startWorker('write', ['a']);
  await writer.said('ready');
  const seen = new Set<number>();
  for (let i = 0; i < (soak ? 100_000 : 5000); i++) {
    const value: { i: number; end: number } = JSON.parse((await backend.get('a')) ?? 'null');
    if (value.i !== value.end) expect.fail('a torn value');
    seen.add(value.i);
  }
  expect(seen.size).toBeGreaterThan(10);
});

test('a change in one process is told to another', async () => {
  const { open, startWorker } = await makeSandbox();
  const watcher = await startWorker('watch');
  await watcher.said('hint undefined');
  await open().compareAndSet('a', undefined, 'v');
  const since = performance.now();
  await watcher.said('hint a');
  expect(performance.now() - since).toBeLessThan(1000);
});

test('a process that ends without closing leaves its id file, which the next one removes', async () => {
  const { open, litter, startWorker } = await makeSandbox();
  const worker = await startWorker('set', ['a', 'v']);
  expect(await worker.ended).toBe(0);
  expect(litter()).toEqual([expect.stringMatching(/^\.owner-/)]);
  const next = open();
  await next.compareAndSet('b', undefined, 'v');
  await next.close?.();
  expect(litter()).toEqual([]);
});
