import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { buildStore } from './buildStore.js';

/** A script that observes an expired entry, whose storage is full once the server has rotated, and that ends by itself. */
const script = `
import { createCredentialStore, memoryBackend } from './index.mjs';

const { timeout, fullFor, listens } = JSON.parse(process.argv[2]);
const memory = memoryBackend();
let rotatedAt;
const storage = {
  ...memory,
  compareAndSet(key, expected, next) {
    if (rotatedAt === undefined) return memory.compareAndSet(key, expected, next);
    if (Date.now() - rotatedAt < (fullFor ?? Infinity)) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
    const isWritten = memory.compareAndSet(key, expected, next);
    console.log(isWritten ? 'written' : 'refused');
    return isWritten;
  },
};
const entry = createCredentialStore({
  storage,
  timeout,
  ...(listens && { onError: ({ name, message }) => console.log(name + ': ' + message) }),
  refresh: async () => {
    rotatedAt = Date.now();
    return { access_token: 'access-two-0123456789', refresh_token: 'refresh-two-0123456789', expires_in: 3600 };
  },
}).entry();
await entry.set({
  access_token: 'access-one-0123456789',
  refresh_token: 'refresh-one-0123456789',
  issued_at: new Date(Date.now() - 7_200_000),
  expires_in: 3600,
});
entry.expiry.subscribe(() => {});
`;

/** Runs the script to its own end, as someone would who never calls close(). */
async function run(options: {
  readonly timeout: number;
  /** Milliseconds; for ever if left out. */
  readonly fullFor?: number;
  readonly listens?: boolean;
}): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const program = join(dirname(await buildStore()), 'unwritten.mjs');
  await writeFile(program, script);
  return promisify(execFile)(process.execPath, [program, JSON.stringify(options)], { timeout: 60_000 });
}

describe('a process that nothing else keeps alive, with a rotated token that can not be written', () => {
  test('lives until it is written', { timeout: 70_000 }, async () => {
    const { stdout, stderr } = await run({ timeout: 50_000, fullFor: 300 });
    expect(stdout).toBe('written\n');
    expect(stderr).toBe('');
  });

  test('lives for the time of the storage, and then says so on the console', async () => {
    const { stdout, stderr } = await run({ timeout: 500 });
    expect(stdout).toBe('');
    expect(stderr).toContain('could not be written');
    expect(stderr).not.toMatch(/(access|refresh)-(one|two)/);
  });

  test('tells `onError`, where there is one', async () => {
    const { stdout, stderr } = await run({ timeout: 500, listens: true });
    const told = stdout.trim().split('\n');
    expect(told.at(-1)).toMatch(/^StorageUnavailableError: .*could not be written/);
    expect(stderr).toBe('');
  });
});
