import { type ChildProcess, spawn } from 'node:child_process';
import { afterAll } from 'vitest';
import { buildBackend } from './buildBackend.js';

const running = new Set<() => void>();

afterAll(() => {
  for (const kill of running) kill();
});

/** A process that works on a directory, and what it said. */
export interface Worker {
  readonly process: ChildProcess;
  readonly pid: number;
  /** Resolves when it has said a line that contains the text. */
  said(text: string): Promise<string>;
  /** Kills it, and what it was started under. */
  readonly kill: () => void;
  /** What it said so far. */
  readonly lines: readonly string[];
  /** Resolves with its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string | null>;
}

/** Starts `worker.mjs` on a job; `before` is a command to run it under, such as `strace` with its arguments. */
export async function startWorker(job: readonly string[], before: readonly string[] = []): Promise<Worker> {
  const [command, ...args] = [...before, process.execPath, await buildBackend(), ...job];
  const child = spawn(command ?? '', args, { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
  const lines: string[] = [];
  const listeners = new Set<() => void>();
  let rest = '';
  child.stdout.on('data', (data: Buffer) => {
    const parts = (rest + data.toString()).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
    for (const listener of listeners) listener();
  });
  const ended = new Promise<number | string | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      resolve(signal ?? code);
      for (const listener of listeners) listener();
    });
  });
  const said = (text: string) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        const line = lines.find((each) => each.includes(text));
        if (line === undefined && child.exitCode === null && child.signalCode === null) return;
        listeners.delete(look);
        if (line === undefined)
          reject(new Error(`The worker ended without saying "${text}": ${lines.join(' | ')}`));
        else resolve(line);
      };
      listeners.add(look);
      look();
    });
  const kill = () => {
    try {
      // A group of its own: a program under `strace` outlives that one.
      process.kill(-(child.pid ?? 0), 'SIGKILL');
    } catch {
      // It has ended.
    }
  };
  ended.finally(() => running.delete(kill)).catch(() => undefined);
  running.add(kill);
  return { process: child, pid: child.pid ?? 0, said, kill, lines, ended };
}
