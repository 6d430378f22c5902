import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

export interface ProcessResult {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

export interface ProcessOptions {
  readonly directory?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Milliseconds, default 60_000. */
  readonly timeout?: number;
}

/** Runs a file with plain node, as its reader would. */
export function runNode(parameters: readonly string[], options: ProcessOptions = {}): Promise<ProcessResult> {
  const { directory = root, environment = {}, timeout = 60_000 } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, parameters, {
      cwd: directory,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout,
    });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output, errors }));
  });
}
