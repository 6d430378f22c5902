import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect } from 'vitest';
import { fileBackend } from '../../../src/storage/file.js';
import type { StorageBackend } from '../../../src/storage/StorageBackend.js';
import { startWorker as start, type Worker } from './startWorker.js';

/** A directory of one test, with the backends and processes that work on it; all gone when the test ends. */
export interface Sandbox {
  readonly directory: string;
  open(): StorageBackend;
  startWorker(job: string, args?: readonly (string | number)[], before?: readonly string[]): Promise<Worker>;
  /** What is in the directory, values left out. */
  litter(): string[];
}

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).toReversed()) await cleanUp();
});

/** Runs when the test has ended, the latest first. */
export function afterTest(cleanUp: () => unknown): void {
  cleanups.push(cleanUp);
}

export async function makeSandbox(): Promise<Sandbox> {
  const parent = await mkdtemp(join(await realpath(tmpdir()), 'shelflife-'));
  const directory = join(parent, 'credentials');
  afterTest(() => rm(parent, { recursive: true, force: true }));
  return {
    directory,
    open() {
      const backend = fileBackend({ directory });
      afterTest(() => backend.close?.());
      return backend;
    },
    async startWorker(job, args = [], before = []) {
      const worker = await start([job, directory, ...args.map(String)], before);
      afterTest(() => {
        worker.process.kill('SIGCONT');
        worker.process.kill('SIGKILL');
        return worker.ended;
      });
      return worker;
    },
    litter: () => (existsSync(directory) ? readdirSync(directory).filter((file) => !file.endsWith('.json')) : []),
  };
}

/** The name, without extension, of the files of a short key. */
export const nameOf = (key: string) => `k${Buffer.from(key).toString('hex')}`;

/** The only id file in the directory, and what it says. */
export function onlyOwner(directory: string): { path: string; identity: Record<string, unknown> } {
  const owners = readdirSync(directory).filter((file) => file.startsWith('.owner-'));
  expect(owners).toHaveLength(1);
  const path = join(directory, owners[0] ?? '');
  return { path, identity: JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown> };
}

/** The error that a promise rejects with. */
export async function failure(promise: unknown): Promise<Error & { code: string; retryable: boolean; cause?: { code?: string } }> {
  try {
    await promise;
  } catch (error) {
    return error as never;
  }
  return expect.fail('expected a failure');
}
