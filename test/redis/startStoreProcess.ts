import { type ChildProcess, fork } from 'node:child_process';
import { afterAll } from 'vitest';
import { bundleProgram } from './bundleProgram.js';
import type { StoreProcessCommand, StoreProcessMessage, StoreProcessOptions } from './storeProcess.js';

/** A store in a process of its own. */
export interface StoreProcess {
  readonly process: ChildProcess;
  /** What it told, from the first on. */
  readonly told: readonly StoreProcessMessage[];
  send(command: StoreProcessCommand): void;
}

const running = new Set<ChildProcess>();

afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
});

export async function startStoreProcess(options: StoreProcessOptions): Promise<StoreProcess> {
  const child = fork(await bundleProgram('storeProcess'), [JSON.stringify(options)], { execArgv: [] });
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
