import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { formats } from '../../src/formats/index.js';

test('the page on formats has a row for each, which says "yes" where it can be written whole', async () => {
  const page = await readFile(new URL('../../docs/formats.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `([\w-]+)` +\|.*\| +(\S[^|]*?) +\|$/gm)];
  expect(rows.map(([, name, written]) => [name, written?.startsWith('yes')])).toEqual(
    formats.map(({ name, writable }) => [name, writable]),
  );
});
