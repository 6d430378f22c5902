import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from '@playwright/test';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchOptions } from '../examples/launchOptions.js';
import { installPackages } from '../installPackages.mjs';
import { type PackedPackage, packPackage, run } from '../package/packPackage.js';
import { createSite, type Site } from './createSite.js';

const here = new URL('./', import.meta.url);
const builder = fileURLToPath(new URL('buildSite.mjs', here));
const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
};

describe('a page with every browser subpath', { timeout: 180_000 }, () => {
  let packed: PackedPackage;
  let site: Site;
  let browser: Browser;

  beforeAll(async () => {
    await installPackages(() => {}, here);
    packed = await packPackage();
    site = await createSite(packed);
    browser = await chromium.launch(launchOptions);
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    await site?.remove();
    await packed?.remove();
  });

  /** What a page shows at the end, what its subpaths export, and what the browser complained of. */
  async function visit(address: string) {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    await page.goto(address);
    await page.locator('#session', { hasText: /true true|Error/ }).waitFor();
    const shown = await page.locator('#session').textContent();
    const exported = await page.evaluate(
      () => (globalThis as unknown as { exported: Record<string, string[]> }).exported,
    );
    await page.close();
    return { shown, exported, complaints };
  }

  function expectWhole({ shown, exported, complaints }: Awaited<ReturnType<typeof visit>>): void {
    expect(complaints).toEqual([]);
    expect(shown).toBe('fresh fresh true true');
    expect(Object.keys(exported)).toEqual(site.subpaths);
    for (const names of Object.values(exported)) expect(names).not.toEqual([]);
  }

  test('that imports one subpath carries nothing of another', async () => {
    const entryOf = (subpath: string): string =>
      `${subpath.replace(/^shelflife$/, 'index').replace('shelflife/', '')}.js`;
    for (const subpath of site.subpaths) {
      const { metafile } = await build({
        stdin: { contents: `export * from '${subpath}';`, resolveDir: site.folder },
        bundle: true,
        write: false,
        metafile: true,
        format: 'esm',
        packages: 'bundle',
      });
      const own = Object.keys(metafile.inputs).flatMap(
        (input) => /\/shelflife\/dist\/(.+)$/.exec(input)?.[1] ?? [],
      );
      const others = site.subpaths.filter((other) => other !== subpath).map(entryOf);
      expect(own).toContain(entryOf(subpath));
      expect(others.filter((entry) => own.includes(entry))).toEqual([]);
    }
  });

  test.each(['vite', 'webpack', 'rollup', 'esbuild'])('%s builds it, and it runs', async (bundler) => {
    const built = await run(process.execPath, [builder, bundler, site.folder], site.folder);
    expect(built, built.output).toMatchObject({ code: 0 });
    const dist = join(site.folder, 'dist');
    // Vite writes a page of its own; the others get the one that it was made from.
    if (bundler !== 'vite') await copyFile(join(site.folder, 'index.html'), join(dist, 'index.html'));
    const server = await serve(dist);
    try {
      expectWhole(await visit(addressOf(server)));
    } finally {
      server.close();
    }
  });

  test('Next.js builds it, renders it on the server without a token, and takes it over without a mismatch', async () => {
    const next = fileURLToPath(new URL('node_modules/next/dist/bin/next', here));
    const built = await run(process.execPath, [next, 'build', site.folder], site.folder);
    expect(built, built.output).toMatchObject({ code: 0 });
    const child = spawn(process.execPath, [next, 'start', site.folder, '--port', '0'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1' },
    });
    try {
      const address = await new Promise<string>((resolve, reject) => {
        let output = '';
        child.stdout.on('data', (text: Buffer) => {
          output += String(text);
          const [found] = /http:\/\/localhost:\d+/.exec(output) ?? [];
          if (found && output.includes('Ready')) resolve(found);
        });
        child.once('exit', () => reject(new Error(output)));
      });
      const html = await (await fetch(address)).text();
      expect(html).toContain('loading loading');
      expect(html).not.toContain('synthetic');
      expectWhole(await visit(address));
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });
});

async function serve(folder: string): Promise<Server> {
  const server = createServer((request, response) => {
    const path = request.url === '/' ? '/index.html' : request.url!;
    readFile(join(folder, path)).then(
      (content) =>
        response.setHeader('content-type', contentTypes[extname(path)] ?? 'text/plain').end(content),
      () => response.writeHead(404).end(),
    );
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

function addressOf(server: Server): string {
  return `http://localhost:${(server.address() as AddressInfo).port}/`;
}
