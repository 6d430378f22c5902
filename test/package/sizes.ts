import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { bundle } from './bundles.js';
import { type PackedPackage, root } from './packPackage.js';

/**
 * The rows of the README's table, with what they may come to in kB (1 kB = 1,000 bytes), gzip after minify. The first
 * two are a ratchet (see CONTRIBUTING): the budget is 12.8 and 9, and the core has not reached it yet.
 */
const limits: Readonly<Record<string, number>> = {
  'core, with superjson': 18.5,
  'its own code of that': 14.8,
  'IndexedDB adds, with idb-keyval': 1.5,
  'localStorage adds': 1,
};

const core = "export * from 'shelflife';";

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
      'IndexedDB adds, with idb-keyval':
        (await bytesOf(`${core} export * from 'shelflife/indexeddb';`)) - whole,
      'localStorage adds': (await bytesOf(`${core} export * from 'shelflife/local-storage';`)) - whole,
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
      expect(held.map(({ limit }) => limit)).toEqual(expect.arrayContaining(['18.6 kB', '14.9 kB']));
    });
  });
}
