/**
 * The README's examples are run as they stand there. A fenced block (`js`, `ts`, `tsx`, `html`) is taken when its
 * first line names a file: `// file: name.mjs`, or `<!-- file: index.html -->`. All of them are put into one folder,
 * so that one may import another (`./session.js` for `session.ts`), as well as `./createOAuthClient.mjs` and
 * `./authorization.js` from the examples. The name says what happens:
 *
 * - `*.ts`, `*.tsx`: type-checked, strictly, against the built declarations.
 * - `*.mjs`, `*.js`, `*.ts`: run by node, twice, each time to exit code 0 and without a line on stderr within 60 s. The
 *   environment variable AUTHORIZATION_SERVER holds an issuer whose access tokens last 6 s. One that imports
 *   `shelflife/keychain` is run with a real keychain, and skipped where there can be none.
 * - `*.test.ts`, `*.test.mjs`: run by vitest.
 * - `*.browser.js`, `*.browser.ts`: loaded by a page with the buttons and texts of `index.html`, or, without that block,
 *   `<button id="sign-in">Sign in</button><p id="status"></p>`. The import map, and `<meta name="authorization-server">`
 *   with the issuer, are put into its head. The test presses "Sign in" where that is shown, waits for the text `fresh`,
 *   reloads, and waits for it again: without a press this time. `*.tsx` and `*.html` are not run by themselves.
 */
import { chromium } from '@playwright/test';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  startAuthorizationServer,
  type AuthorizationServer,
} from '../../examples/authorization-server/startAuthorizationServer.mjs';
import { canStartKeychain, startKeychain } from '../keychain/startKeychain.js';
import { startPageServer } from '../../examples/spa/startPageServer.mjs';
import { launchOptions } from './launchOptions.js';
import { readmeBlocks, type ReadmeBlock } from './readmeBlocks.js';
import { runNode } from './runNode.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const blocks = readmeBlocks(await readFile(join(root, 'README.md'), 'utf8'));
const blocksFor = (place: ReadmeBlock['runs']) => blocks.filter(({ runs }) => runs === place);

/** What examples of the README import and those of the folder don't. */
const furtherImports = {
  'shelflife/encrypted': '/dist/encrypted.js',
  jose: '/node_modules/jose/dist/webapi/index.js',
};

const compilerOptions = {
  target: 'ES2022',
  module: 'NodeNext',
  lib: ['ES2023', 'DOM', 'DOM.Iterable'],
  types: ['node'],
  jsx: 'react-jsx',
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: true,
  noEmit: true,
};

describe('the README', { timeout: 150_000 }, () => {
  let folder: string;
  let server: AuthorizationServer;

  beforeAll(async () => {
    server = await startAuthorizationServer({ accessTokenLifetime: 6 });
    folder = await mkdtemp(join(tmpdir(), 'shelflife-readme-'));
    await linkPackages(folder);
    await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module', private: true }));
    for (const { name, text } of blocks) {
      await writeFile(join(folder, name), text);
      if (name.endsWith('.ts')) await writeFile(join(folder, scriptName(name)), transpile(text));
    }
  }, 60_000);
  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('has a program for Node, a page, and no two files of one name', () => {
    expect(blocksFor('node').length).toBeGreaterThan(0);
    expect(blocksFor('browser').length).toBeGreaterThan(0);
    const names = blocks.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)]);
  });

  test('has TypeScript that compiles against the built declarations', async () => {
    const files = blocks.map(({ name }) => name).filter((name) => /\.tsx?$/.test(name));
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
    if (files.length === 0) return;
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    const { code, output } = await runNode([compiler, '-p', folder]);
    expect({ code, output }).toEqual({ code: 0, output: '' });
  });

  test.for(blocksFor('node'))('$name runs, and runs again', async ({ name, text }, context) => {
    const needsKeychain = text.includes('shelflife/keychain');
    if (needsKeychain && !canStartKeychain()) context.skip('There is no keychain here.');
    const keychain = needsKeychain ? await startKeychain() : undefined;
    context.onTestFinished(() => keychain?.stop());
    for (const turn of ['first', 'second']) {
      const { code, output, errors } = await runNode([scriptName(name)], {
        directory: folder,
        environment: {
          AUTHORIZATION_SERVER: server.issuer,
          ...homeAt(join(folder, 'home')),
          ...keychain?.environment,
        },
      });
      expect({ turn, code, errors }, output).toEqual({ turn, code: 0, errors: '' });
    }
  });

  const testFiles = blocksFor('vitest');
  test.skipIf(testFiles.length === 0)('has tests that pass', async () => {
    const runner = join(root, 'node_modules/vitest/vitest.mjs');
    const files = testFiles.map(({ name }) => name);
    const { code, output, errors } = await runNode([runner, 'run', '--root', folder, ...files], {
      directory: folder,
    });
    expect(code, output + errors).toBe(0);
  });

  test.each(blocksFor('browser'))(
    '$name signs in, and is still signed in after a reload',
    async ({ name }) => {
      await writeFile(join(folder, 'index.html'), await pageFor(name, server.issuer));
      const pages = await startPageServer({
        issuer: server.issuer,
        clientId: server.clientId,
        folder: pathToFileURL(`${folder}/`),
      });
      const browser = await chromium.launch(launchOptions);
      try {
        const page = await browser.newPage();
        const errors: string[] = [];
        page.on('pageerror', (error) => errors.push(error.message));
        await page.goto(pages.origin);
        const button = page.getByRole('button', { name: 'Sign in' });
        await button.click();
        await page.getByText('fresh').first().waitFor();
        await page.reload();
        await page.getByText('fresh').first().waitFor();
        expect(errors).toEqual([]);
      } finally {
        await browser.close();
        await pages.close();
      }
    },
  );
});

/** The package under its own name, and everything it is developed with. */
async function linkPackages(folder: string): Promise<void> {
  const manifest: Record<string, object> = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const names = Object.keys({ ...manifest['dependencies'], ...manifest['devDependencies'] });
  const links = new Map(names.map((name) => [name, join(root, 'node_modules', name)]));
  links.set('shelflife', root);
  for (const [name, target] of links) {
    const link = join(folder, 'node_modules', name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(target, link, 'junction');
  }
}

function scriptName(name: string): string {
  return name.replace(/\.ts$/, '.js');
}

function transpile(text: string): string {
  return ts.transpileModule(text, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022 },
  }).outputText;
}

/** So that an example which keeps its tokens in the platform's place leaves the tester's own alone. */
function homeAt(directory: string): Record<string, string> {
  return {
    HOME: directory,
    USERPROFILE: directory,
    APPDATA: directory,
    LOCALAPPDATA: directory,
    XDG_CONFIG_HOME: join(directory, 'config'),
    XDG_DATA_HOME: join(directory, 'data'),
    XDG_STATE_HOME: join(directory, 'state'),
  };
}

async function pageFor(name: string, issuer: string): Promise<string> {
  const example = await readFile(join(root, 'examples/spa/index.html'), 'utf8');
  const importMap = /<script type="importmap">[\s\S]*?<\/script>/
    .exec(example)?.[0]
    .replace('"imports": {', `"imports": { ${JSON.stringify(furtherImports).slice(1, -1)},`);
  const head = `${importMap ?? ''}<meta name="authorization-server" content="${issuer}">`;
  const written = blocks.find((block) => block.name === 'index.html')?.text;
  if (written) return written.replace('<head>', `<head>${head}`);
  const script = `<script type="module" src="/${scriptName(name)}"></script>`;
  return `<!doctype html><head>${head}${script}</head><button id="sign-in">Sign in</button><p id="status"></p>`;
}
