import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);

test('the types say what the contract says', { timeout: 120_000 }, async () => {
  const { stdout } = await run('npx', ['tsc', '--project', 'test/types/tsconfig.json'], { cwd: root }).catch(
    ({ stdout: errors }: { stdout: string }) => ({ stdout: errors }),
  );
  expect(stdout).toBe('');
});
