import { chmod, copyFile, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

interface Bundler {
  build(options: object): Promise<unknown>;
}

let built: Promise<string> | undefined;

afterAll(async () => {
  if (built) await rm(dirname(await built), { recursive: true, force: true });
});

/** Bundles the file backend into a throw-away module that plain `node` can import, and returns the path of the worker beside it. */
export function buildBackend(): Promise<string> {
  return (built ??= build());
}

async function build(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'shelflife-build-'));
  // Other users run it too.
  await chmod(directory, 0o755);
  const worker = join(directory, 'worker.mjs');
  await copyFile(new URL('worker.mjs', import.meta.url), worker);
  await chmod(worker, 0o644);
  // esbuild is a dependency of tsup, not of ours: resolved from there, however npm laid it out.
  const require = createRequire(createRequire(import.meta.url).resolve('tsup/package.json'));
  const esbuild: Bundler = require('esbuild');
  await esbuild.build({
    entryPoints: [fileURLToPath(new URL('../../../src/storage/file.ts', import.meta.url))],
    outfile: join(directory, 'file.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
  });
  return worker;
}
