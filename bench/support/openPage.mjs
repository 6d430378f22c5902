import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { build } from 'esbuild';
import { provideCommand } from '../../test/provideCommand.mjs';
import { recordVersion } from './recordTable.mjs';
import { installPeers, peersFolder } from './peers.mjs';

const html = '<!doctype html><title>bench</title><script type="module" src="/page.js"></script>';

/**
 * Opens pages of Chromium with a module of `bench/pages` in them. The profile is on disk: in a private one, as tests
 * use it, databases are kept in memory and durability costs nothing. `answer` serves what is not the page.
 */
export async function openBrowser(module, { peers = true, answer } = {}) {
  if (peers) await installPeers();
  const script = await bundlePage(module);
  const server = createServer((request, response) => {
    if (request.url === '/') response.setHeader('content-type', 'text/html').end(html);
    else if (request.url === '/page.js') response.setHeader('content-type', 'text/javascript').end(script);
    else if (answer) answer(request, response);
    else response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const profile = await mkdtemp(join(tmpdir(), 'shelflife-bench-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: await findChromium(),
    args: ['--disable-gpu', '--disable-quic', '--disable-sync'],
    chromiumSandbox: process.getuid?.() !== 0,
  });
  recordVersion('chromium', context.browser()?.version() ?? 'unknown');
  return {
    async openPage() {
      const page = await context.newPage();
      page.on('pageerror', (error) => console.error(error));
      await page.goto(`http://127.0.0.1:${server.address().port}/`);
      await page.waitForFunction(() => 'measure' in globalThis);
      return page;
    },
    async close() {
      await context.close();
      server.close();
      server.closeAllConnections();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function bundlePage(module) {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`../pages/${module}`, import.meta.url))],
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'error',
    nodePaths: [fileURLToPath(new URL('node_modules', peersFolder))],
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  return outputFiles[0].text;
}

async function findChromium() {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const found = process.env.CHROMIUM_PATH ?? (await provideCommand({ names, debianPackage: 'chromium' }));
  if (!found) throw new Error('There is no Chromium; CHROMIUM_PATH can name one.');
  return found;
}
