import { build } from 'esbuild';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runNode } from '../examples/runNode.js';

const entry = fileURLToPath(new URL('../../src/oauth/index.ts', import.meta.url));
const program = `
  import { refreshGrant } from './oauth.mjs';
  const refresh = refreshGrant({ issuer: 'http://127.0.0.1:1', client: { client_id: 'app' } });
  const context = { key: 'default', signal: new AbortController().signal };
  console.log(await refresh({ refresh_token: 'r' }, context).catch(({ name, message }) => name + ': ' + message));`;

describe('without a usable oauth4webapi, the first refresh says how to install it', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'shelflife-peer-'));
    const outfile = join(folder, 'oauth.mjs');
    await build({ entryPoints: [entry], outfile, bundle: true, format: 'esm', external: ['oauth4webapi'] });
    await writeFile(join(folder, 'program.mjs'), program);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test('where it is missing', async () => {
    const { code, output } = await runNode(['program.mjs'], { directory: folder });
    expect(code).toBe(0);
    expect(output).toContain('could not load the package "oauth4webapi"');
    expect(output).toContain('npm install oauth4webapi@3');
  });

  test('where it is too old', async () => {
    const installed = join(folder, 'node_modules/oauth4webapi');
    await mkdir(installed, { recursive: true });
    await writeFile(join(installed, 'package.json'), '{ "type": "module", "exports": "./index.js" }');
    await writeFile(join(installed, 'index.js'), 'export function refreshTokenGrantRequest() {}');
    const { code, output } = await runNode(['program.mjs'], { directory: folder });
    expect(code).toBe(0);
    expect(output).toContain('needs version 3 of the package "oauth4webapi"');
    expect(output).toContain('npm install oauth4webapi@3');
  });
});
