import { copyFile, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll } from 'vitest';

let built: Promise<string> | undefined;

afterAll(async () => {
  if (built) await rm(dirname(await built), { recursive: true, force: true });
});

/** Bundles what `keychainProcess.mjs` imports, so that plain `node` can run it; the path of the program beside it. */
export function buildProgram(): Promise<string> {
  return (built ??= bundle());
}

async function bundle(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'shelflife-build-'));
  const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
  await build({
    entryPoints: {
      encrypted: path('src/encrypted/index.ts'),
      keychain: path('src/keychain/index.ts'),
      file: path('src/storage/file.ts'),
    },
    outdir: directory,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['jose', '@napi-rs/keyring'],
    logLevel: 'error',
  });
  await symlink(path('node_modules'), join(directory, 'node_modules'), 'dir');
  const program = join(directory, 'keychainProcess.mjs');
  await copyFile(new URL('keychainProcess.mjs', import.meta.url), program);
  return program;
}
