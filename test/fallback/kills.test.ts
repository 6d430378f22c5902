import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fallbackBackend } from '../../src/fallback/fallback.js';
import { fileBackend } from '../../src/storage/file.js';

const kills = process.env['SOAK'] ? Number(process.env['KILLS'] ?? 200) : 8;
const keys = Array.from({ length: 30 }, (_, index) => `tenant ${index}`);
const running = new Set<ChildProcess>();
let parent: string;
let program: string;

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'shelflife-fallback-kills-'));
  program = join(parent, 'fallbackProcess.cjs');
  await build({
    entryPoints: [fileURLToPath(new URL('fallbackProcess.ts', import.meta.url))],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    // Only the places for an application's state need it, and these directories are given.
    define: { 'import.meta.url': 'undefined' },
    logLevel: 'error',
  });
});

afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  await rm(parent, { recursive: true, force: true });
});

test(
  'two processes that are killed while records move between directories lose none',
  { timeout: 3_600_000 },
  async () => {
    const [high, low] = [join(parent, 'high'), join(parent, 'low')];
    const before = fileBackend({ directory: low });
    for (const key of keys) await before.compareAndSet(key, undefined, '0 at first');
    await before.close!();

    const acknowledged = new Map(keys.map((key) => [key, 0]));
    const lost: string[] = [];
    const start = (): ChildProcess => {
      const child = fork(program, [high, low, ...keys], { execArgv: [] });
      running.add(child);
      child.on('message', ({ key, next }: { readonly key: string; readonly next: number }) => {
        if (next < 0) lost.push(key);
        else acknowledged.set(key, Math.max(next, acknowledged.get(key) ?? 0));
      });
      return child;
    };
    const kill = async (child: ChildProcess): Promise<void> => {
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGKILL');
      await ended;
      running.delete(child);
    };
    const children = [start(), start()];
    for (let count = 0; count < kills; count += 1) {
      await sleep(100 + Math.random() * 500);
      const index = count % 2;
      await kill(children[index]!);
      children[index] = start();
    }
    while (Math.min(...acknowledged.values()) === 0) await sleep(50);
    await Promise.all(children.map(kill));

    expect(lost).toEqual([]);
    const [upper, lower] = [fileBackend({ directory: high }), fileBackend({ directory: low })];
    const backend = fallbackBackend([upper, lower]);
    for (const key of keys) {
      const value = await backend.get(key);
      expect(Number.parseInt(value ?? '-1', 10)).toBeGreaterThanOrEqual(acknowledged.get(key)!);
      expect(await backend.compareAndSet(key, value, 'the end')).toBe(true);
      expect([await upper.get(key), await lower.get(key)]).toEqual(['the end', undefined]);
    }
    await backend.close!();
  },
);
