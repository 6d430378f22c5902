import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll } from 'vitest';

const built = new Map<string, Promise<string>>();

afterAll(async () => {
  for (const program of built.values()) await rm(dirname(await program), { recursive: true, force: true });
});

/** Bundles a program of this folder with all it needs, once, so that plain `node` can run it; its path. */
export function bundleProgram(name: string): Promise<string> {
  if (!built.has(name)) built.set(name, bundle(name));
  return built.get(name)!;
}

async function bundle(name: string): Promise<string> {
  const program = join(await mkdtemp(join(tmpdir(), 'shelflife-redis-build-')), `${name}.cjs`);
  await build({
    entryPoints: [fileURLToPath(new URL(`${name}.ts`, import.meta.url))],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'error',
  });
  return program;
}
