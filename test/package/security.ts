import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from './packPackage.js';

export function describeSecurity(): void {
  describe('SECURITY.md', () => {
    test('names tests that are there, for every requirement that a test can show', async () => {
      const text = await readFile(join(root, 'SECURITY.md'), 'utf8');
      const rows = text.split('\n').filter((line) => /^\| R\d+ /.test(line));
      expect(rows).toHaveLength(18);
      const files = rows.flatMap((row) => [...row.matchAll(/`((?:test|playwright)\/[\w./-]+)`/g)]);
      expect(files.length).toBeGreaterThan(16);
      for (const [, file = ''] of files) await access(join(root, file));
    });
  });
}
