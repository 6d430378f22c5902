import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll } from 'vitest';
import type { StoreProcessCommand, StoreProcessMessage, StoreProcessOptions } from './storeProcess.js';

/** A store in a process of its own. */
export interface StoreProcess {
  readonly process: ChildProcess;
  /** What it told, from the first on. */
  readonly told: readonly StoreProcessMessage[];
  send(command: StoreProcessCommand): void;
}

const running = new Set<ChildProcess>();
let built: Promise<string> | undefined;

afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  if (built) await rm(dirname(await built), { recursive: true, force: true });
});

export async function startStoreProcess(options: StoreProcessOptions): Promise<StoreProcess> {
  const child = fork(await (built ??= bundle()), [JSON.stringify(options)], { execArgv: [] });
  running.add(child);
  const told: StoreProcessMessage[] = [];
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error('The process ended before it was ready.')));
    child.on('message', (message) => {
      if (message === 'ready') resolve();
      else told.push(message as StoreProcessMessage);
    });
  });
  return { process: child, told, send: (command) => void child.send(command) };
}

async function bundle(): Promise<string> {
  const program = join(await mkdtemp(join(tmpdir(), 'shelflife-redis-build-')), 'storeProcess.cjs');
  await build({
    entryPoints: [fileURLToPath(new URL('storeProcess.ts', import.meta.url))],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'error',
  });
  return program;
}
