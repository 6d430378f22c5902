import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll } from 'vitest';

let built: Promise<string> | undefined;

afterAll(async () => {
  if (built) await rm(dirname(await built), { recursive: true, force: true });
});

/** Bundles the store and the file backend so that plain `node` can import them; the path of the program beside them. */
export function buildStore(): Promise<string> {
  return (built ??= bundle());
}

async function bundle(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'shelflife-build-'));
  const source = (path: string) => fileURLToPath(new URL(`../../src/${path}`, import.meta.url));
  await build({
    entryPoints: { index: source('index.ts'), file: source('storage/file.ts') },
    outdir: directory,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // One copy of every error class for both.
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
  });
  const program = join(directory, 'storeProcess.mjs');
  await copyFile(new URL('storeProcess.mjs', import.meta.url), program);
  return program;
}
