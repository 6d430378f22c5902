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
  readonly open: () => StorageBackend;
  readonly startWorker: (
    job: string,
    args?: readonly (string | number)[],
    before?: readonly string[],
  ) => Promise<Worker>;
  /** What is in the directory, values left out. */
  readonly litter: () => string[];
}

type CleanUp = () => void | Promise<void>;

const cleanups: CleanUp[] = [];

afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).toReversed()) await cleanUp();
});

/** Runs when the test has ended, the latest first. */
export function afterTest(cleanUp: CleanUp): void {
  cleanups.push(cleanUp);
}

/** Tests that run at the same time pass their own `onTestFinished`. */
export async function makeSandbox(after: (cleanUp: CleanUp) => void = afterTest): Promise<Sandbox> {
  const parent = await mkdtemp(join(await realpath(tmpdir()), 'shelflife-'));
  const directory = join(parent, 'credentials');
  after(() => rm(parent, { recursive: true, force: true }));
  return {
    directory,
    open() {
      const backend = fileBackend({ directory });
      after(async () => backend.close?.());
      return backend;
    },
    async startWorker(job, args = [], before = []) {
      const worker = await start([job, directory, ...args.map(String)], before);
      after(async () => {
        worker.kill();
        await worker.ended;
      });
      return worker;
    },
    litter: () =>
      existsSync(directory) ? readdirSync(directory).filter((file) => !file.endsWith('.json')) : [],
  };
}

/** The name, without extension, of the files of a short key of lower-case letters and digits. */
export const nameOf = (key: string) => `entry-${key}`;

/** The id file of the only owner in the directory, and what it says. */
export function onlyOwner(directory: string): { path: string; identity: Record<string, unknown> } {
  const owners = readdirSync(directory).filter((file) => file.startsWith('.owner-'));
  expect(owners).toHaveLength(1);
  const path = join(directory, owners[0] ?? '', 'id');
  const identity: Record<string, unknown> = JSON.parse(readFileSync(path, 'utf8'));
  return { path, identity };
}

/** An error as tests look at it. */
export type Failure = Error & { code: string; retryable: boolean; cause?: { code?: string } };

/** The error that a promise rejects with. */
export async function failure(promise: unknown): Promise<Failure> {
  try {
    await promise;
  } catch (error) {
    return error as Failure; // oxlint-disable-line typescript/no-unsafe-type-assertion
  }
  return expect.fail('expected a failure');
}
