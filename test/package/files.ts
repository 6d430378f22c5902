import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { publint } from 'publint';
import { describe, expect, test } from 'vitest';
import { filesBelow, type PackedPackage, root, run } from './packPackage.js';

/** The names of the entries, as files. */
function subpathsOf({ exports }: PackedPackage['manifest']): string[] {
  return Object.keys(exports)
    .filter((subpath) => subpath !== './package.json')
    .map((subpath) => subpath.slice(2) || 'index');
}

export function describeFiles(packed: () => PackedPackage): void {
  describe('the tarball', () => {
    test('holds exactly these files', async () => {
      const files = await filesBelow(packed().installed);
      const named = files.filter((file) => !isChunk(file));
      expect(named).toEqual(
        [
          'CHANGELOG.md',
          'LICENSE',
          'README.md',
          'SECURITY.md',
          'package.json',
          ...subpathsOf(packed().manifest).flatMap((name) => [
            `dist/${name}.d.ts`,
            `dist/${name}.js`,
            `dist/${name}.js.map`,
          ]),
        ].toSorted(),
      );
      const chunks = files.filter(isChunk);
      const kinds = new Set(chunks.map((file) => file.replace(/^.*?-[\w-]{8}/, '')));
      expect(kinds).toEqual(new Set(['.d.ts', '.js', '.js.map']));
      expect(chunks.filter((file) => file.endsWith('.js')).map((file) => `${file}.map`)).toEqual(
        chunks.filter((file) => file.endsWith('.map')),
      );
    });

    test('has nothing for publint to find', async () => {
      const { messages } = await publint({ pkgDir: packed().installed, strict: true, pack: false });
      expect(messages).toEqual([]);
    });

    test('has types that are right for every resolver of ES modules', async () => {
      const manifest = createRequire(import.meta.url).resolve('@arethetypeswrong/cli/package.json');
      const attw = join(dirname(manifest), 'dist/index.js');
      const { code, output } = await run(
        process.execPath,
        [attw, packed().tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-emoji'],
        root,
      );
      expect({ code, output }).toMatchObject({ code: 0 });
    });
  });
}

/** What two entries share lies in a file whose name ends in a hash. */
function isChunk(file: string): boolean {
  return (
    /^dist\/(chunk-[\dA-Z]{8}\.js(\.map)?|[\w-]+-[\w-]{8}\.d\.ts)$/.test(file) &&
    !file.endsWith('local-storage.d.ts')
  );
}
