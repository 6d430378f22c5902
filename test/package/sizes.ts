import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { bundle } from './bundles.js';
import { type PackedPackage, root } from './packPackage.js';

/** The rows of the README's table, with what they may come to in kB (1 kB = 1,000 bytes), gzip after minify. */
const limits: Readonly<Record<string, number>> = {
  'core, with superjson': 23.7,
  'its own code of that': 20,
  '`shelflife/slim`: all of it, without superjson': 21.3,
  'IndexedDB adds, with idb-keyval': 2,
  'localStorage adds': 3.1,
  'a page with `slim` and IndexedDB': 23.2,
  '`parseCredentials` and `expiryOf` alone': 4,
  '`isShelflifeError` alone': 0.3,
};

const core = "export * from 'shelflife';";
const slim = "export * from 'shelflife/slim';";

export function describeSizes(packed: () => PackedPackage): void {
  async function bytesOf(code: string, external: string[] = []): Promise<number> {
    const text = await bundle(packed().project, code, { minify: true, external });
    return gzipSync(text, { level: 9 }).length;
  }

  async function measure(): Promise<Record<string, number>> {
    const whole = await bytesOf(core);
    return {
      'core, with superjson': whole,
      'its own code of that': await bytesOf(core, ['superjson']),
      '`shelflife/slim`: all of it, without superjson': await bytesOf(slim),
      'IndexedDB adds, with idb-keyval':
        (await bytesOf(`${core} export * from 'shelflife/indexeddb';`)) - whole,
      'localStorage adds': (await bytesOf(`${core} export * from 'shelflife/local-storage';`)) - whole,
      'a page with `slim` and IndexedDB': await bytesOf(`${slim} export * from 'shelflife/indexeddb';`),
      '`parseCredentials` and `expiryOf` alone': await bytesOf(
        "export { parseCredentials, expiryOf } from 'shelflife';",
      ),
      '`isShelflifeError` alone': await bytesOf("export { isShelflifeError } from 'shelflife';"),
    };
  }

  describe('the sizes', () => {
    test('are within their limits', async () => {
      const sizes = await measure();
      const tooBig = Object.entries(sizes).filter(([row, bytes]) => bytes > (limits[row] ?? 0) * 1000);
      expect(tooBig).toEqual([]);
    });

    test('are what the README says', async () => {
      const readme = await readFile(join(root, 'README.md'), 'utf8');
      const [, table = ''] = readme.split('<!-- sizes -->');
      const rows = [...table.matchAll(/^\| *(.+?) *\| *([\d.]+) kB *\|$/gm)].map(([, row, size]) => [
        row,
        size,
      ]);
      const measured = Object.entries(await measure()).map(([row, bytes]) => [
        row,
        (Math.ceil(bytes / 100) / 10).toFixed(1),
      ]);
      expect(rows).toEqual(measured);
    });

    test('are held by size-limit too', () => {
      const held = packed().manifest['size-limit'] ?? [];
      expect(held.map(({ limit }) => limit)).toEqual(expect.arrayContaining(['23.7 kB', '20 kB']));
    });
  });
}
