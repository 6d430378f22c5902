/**
 * The examples of the README and of each page in docs/ are run as they stand there. A fenced block (`js`, `ts`, `tsx`, `html`) is taken when its
 * first line names a file: `// file: name.mjs`, or `<!-- file: index.html -->`. Those of a page are put into one folder,
 * so that one may import another (`./session.js` for `session.ts`). The name says what happens:
 *
 * - `*.ts`, `*.tsx`: type-checked, strictly, against the built declarations.
 * - `*.mjs`, `*.js`, `*.ts`: run by node, twice, each time to exit code 0 and without a line on stderr within 60 s. The
 *   environment variables AUTHORIZATION_SERVER and ISSUER hold an issuer whose access tokens last 6 s. It knows the public
 *   client `shelflife-example`, and the client `my-service`, whose secret is in CLIENT_SECRET. One that imports
 *   `shelflife/keychain` is run with a real keychain, and skipped where there can be none.
 * - `*.test.ts`, `*.test.mjs`: run by vitest.
 * - `*.browser.js`, `*.browser.ts`: loaded by a page with the buttons and texts of `index.html`, or, without that block,
 *   `<button id="sign-in">Sign in</button><p id="status"></p>`. The import map, and `<meta name="authorization-server">`
 *   with the issuer, are put into its head. The test presses "Sign in" where that is shown, waits for the text `fresh`,
 *   reloads, and waits for it again: without a press this time. `*.tsx`, `*.html` and `*.module.js` are not run by themselves.
 */
import { chromium } from '@playwright/test';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
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
const clientSecret = 'a secret of the service, for these examples only';
const service = {
  client_id: 'my-service',
  client_secret: clientSecret,
  grant_types: ['client_credentials'],
  redirect_uris: [],
  response_types: [],
};

const pages = (await readdir(join(root, 'docs'))).filter((name) => name.endsWith('.md'));
const documents = await Promise.all(
  ['README.md', ...pages.map((name) => `docs/${name}`)].map(async (path) => ({
    path,
    blocks: readmeBlocks(await readFile(join(root, path), 'utf8')),
  })),
);

test('the README has a program for Node and a page', () => {
  const [readme] = documents;
  const places = readme?.blocks.map(({ runs }) => runs);
  expect(places).toEqual(expect.arrayContaining(['node', 'browser']));
});

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

const documentsWithExamples = documents.filter(({ blocks }) => blocks.length > 0);

describe.each(documentsWithExamples)('$path', { timeout: 150_000 }, ({ blocks }) => {
  const blocksFor = (place: ReadmeBlock['runs']) => blocks.filter(({ runs }) => runs === place);
  let folder: string;
  let server: AuthorizationServer;

  beforeAll(async () => {
    server = await startAuthorizationServer({ accessTokenLifetime: 6, clients: [service] });
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

  test('has no two files of one name', () => {
    const names = blocks.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)]);
  });

  const typed = blocks.map(({ name }) => name).filter((name) => /\.tsx?$/.test(name));
  if (typed.length > 0) {
    test('has TypeScript that compiles against the built declarations', async () => {
      await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: typed }));
      const compiler = join(root, 'node_modules/typescript/bin/tsc');
      const { code, output } = await runNode([compiler, '-p', folder]);
      expect({ code, output }).toEqual({ code: 0, output: '' });
    });
  }

  test.for(blocksFor('node'))('$name runs, and runs again', async ({ name, text }, context) => {
    const needsKeychain = text.includes('shelflife/keychain');
    if (needsKeychain && !canStartKeychain()) context.skip('There is no keychain here.');
    const keychain = needsKeychain ? await startKeychain() : undefined;
    context.onTestFinished(() => keychain?.stop());
    for (const turn of ['first', 'second']) {
      // Node warns of its own test timers, which a page may use.
      const parameters = ['--disable-warning=ExperimentalWarning', scriptName(name)];
      const { code, output, errors } = await runNode(parameters, {
        directory: folder,
        environment: {
          AUTHORIZATION_SERVER: server.issuer,
          ISSUER: server.issuer,
          CLIENT_SECRET: clientSecret,
          ...homeAt(join(folder, 'home')),
          ...keychain?.environment,
        },
      });
      expect({ turn, code, errors }, output).toEqual({ turn, code: 0, errors: '' });
    }
  });

  const testFiles = blocksFor('vitest');
  if (testFiles.length > 0) {
    test('has tests that pass', async () => {
      const runner = join(root, 'node_modules/vitest/vitest.mjs');
      const files = testFiles.map(({ name }) => name);
      const { code, output, errors } = await runNode([runner, 'run', '--root', folder, ...files], {
        directory: folder,
      });
      expect(code, output + errors).toBe(0);
    });
  }

  test.each(blocksFor('browser'))(
    '$name signs in, and is still signed in after a reload',
    async ({ name }) => {
      await writeFile(join(folder, 'index.html'), await pageFor(blocks, name, server.issuer));
      const pageServer = await startPageServer({
        issuer: server.issuer,
        clientId: server.clientId,
        folder: pathToFileURL(`${folder}/`),
      });
      const browser = await chromium.launch(launchOptions);
      try {
        const page = await browser.newPage();
        const errors: string[] = [];
        page.on('pageerror', (error) => errors.push(error.message));
        await page.goto(pageServer.origin);
        const button = page.getByRole('button', { name: 'Sign in' });
        await button.click();
        await page.getByText('fresh').first().waitFor();
        await page.reload();
        await page.getByText('fresh').first().waitFor();
        expect(errors).toEqual([]);
      } finally {
        await browser.close();
        await pageServer.close();
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

async function pageFor(blocks: readonly ReadmeBlock[], name: string, issuer: string): Promise<string> {
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
