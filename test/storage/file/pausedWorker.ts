import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, vi } from 'vitest';
import type { Sandbox } from './sandbox.js';
import type { Worker } from './startWorker.js';

/** Whether processes can be started in a process namespace of their own, which takes root, and the shim be compiled. */
export const canPause =
  process.getuid?.() === 0 &&
  spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'true']).status === 0 &&
  spawnSync('gcc', ['--version']).status === 0;

let built: string | undefined;

afterAll(() => {
  if (built) rmSync(built, { recursive: true, force: true });
});

/** Compiles the shim that holds a rename up. */
function buildShim(): string {
  built ??= mkdtempSync(join(tmpdir(), 'shelflife-shim-'));
  const library = join(built, 'pauseAtRename.so');
  if (!existsSync(library)) {
    const source = fileURLToPath(new URL('pauseAtRename.c', import.meta.url));
    execFileSync('gcc', ['-shared', '-fPIC', '-nostdlib', '-o', library, source]);
  }
  return library;
}

/**
 * Starts a worker in a process namespace of its own, and resolves when it is stopped, all of it, just before its first
 * rename of or to a file; `goOn` wakes it up.
 */
export async function startPaused(
  sandbox: Sandbox,
  at: string,
  job: string,
  args: readonly string[],
): Promise<{ worker: Worker; goOn: () => void }> {
  const directory = mkdtempSync(join(tmpdir(), 'shelflife-pause-'));
  const paths = { PAUSED: join(directory, 'paused'), GO_ON: join(directory, 'go-on') };
  const environment = { LD_PRELOAD: buildShim(), PAUSE_AT: at, ...paths };
  const worker = await sandbox.startWorker(job, args, [
    'unshare', '--pid', '--fork', '--mount-proc',
    'env', ...Object.entries(environment).map(([name, value]) => `${name}=${value}`),
  ]); // prettier-ignore
  await vi.waitFor(() => {
    if (!existsSync(paths.PAUSED))
      throw new Error(`it did not come to its rename: ${worker.lines.join(' | ')}`);
  }, 60_000);
  process.kill(-worker.pid, 'SIGSTOP');
  return {
    worker,
    goOn() {
      writeFileSync(paths.GO_ON, '');
      process.kill(-worker.pid, 'SIGCONT');
    },
  };
}
