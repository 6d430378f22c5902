import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  startAuthorizationServer,
  type AuthorizationServer,
} from '../../examples/authorization-server/startAuthorizationServer.mjs';
import { readmeBlocks } from '../examples/readmeBlocks.js';
import { runNode } from '../examples/runNode.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const blocks = readmeBlocks(await readFile(join(root, 'docs/with-other-libraries.md'), 'utf8'));
const libraries = [
  '@azure/msal-node',
  '@modelcontextprotocol/sdk',
  '@supabase/auth-js',
  '@tanstack/query-core',
  '@tanstack/query-persist-client-core',
  '@types/node',
  'keyv',
  'unstorage',
  'zustand',
];

describe('the page on other libraries', { timeout: 120_000 }, () => {
  let folder: string;
  let server: AuthorizationServer;

  beforeAll(async () => {
    server = await startAuthorizationServer();
    folder = await mkdtemp(join(tmpdir(), 'shelflife-libraries-'));
    const links = new Map(libraries.map((name) => [name, join(root, 'node_modules', name)]));
    links.set('shelflife', root);
    for (const [name, target] of links) {
      const link = join(folder, 'node_modules', name);
      await mkdir(dirname(link), { recursive: true });
      await symlink(target, link, 'junction');
    }
    await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module', private: true }));
    for (const { name, text } of blocks) {
      await writeFile(join(folder, name), text);
      if (name.endsWith('.ts')) await writeFile(join(folder, scriptName(name)), transpile(text));
    }
  });
  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('has an example for each library that runs in Node', () => {
    const names = ['keyv.ts', 'mcp.ts', 'msal.ts', 'query.mjs', 'supabase.ts', 'unstorage.ts', 'zustand.ts'];
    expect(blocks.map(({ name }) => name).toSorted()).toEqual(names);
  });

  test('has examples that compile against the built declarations', async () => {
    const compilerOptions = {
      target: 'ES2022',
      module: 'NodeNext',
      lib: ['ES2023', 'DOM', 'DOM.Iterable'],
      types: ['node'],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: true,
      noEmit: true,
    };
    const files = blocks.map(({ name }) => name).filter((name) => name.endsWith('.ts'));
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
    const { code, output } = await runNode([join(root, 'node_modules/typescript/bin/tsc'), '-p', folder]);
    expect({ code, output }).toEqual({ code: 0, output: '' });
  });

  test.each(blocks)('$name runs, and runs again', async ({ name }) => {
    const home = join(folder, 'home', name);
    const environment = {
      AUTHORIZATION_SERVER: server.issuer,
      HOME: home,
      USERPROFILE: home,
      APPDATA: home,
      LOCALAPPDATA: home,
      XDG_CONFIG_HOME: join(home, 'config'),
      XDG_DATA_HOME: join(home, 'data'),
      XDG_STATE_HOME: join(home, 'state'),
    };
    for (const turn of ['first', 'second']) {
      const { code, output, errors } = await runNode([scriptName(name)], {
        directory: folder,
        environment,
      });
      expect({ turn, code, errors }, output).toEqual({ turn, code: 0, errors: '' });
    }
  });
});

function scriptName(name: string): string {
  return name.replace(/\.ts$/, '.js');
}

function transpile(text: string): string {
  return ts.transpileModule(text, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022 },
  }).outputText;
}
