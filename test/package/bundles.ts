import { build, type BuildFailure, type BuildOptions } from 'esbuild';
import { describe, expect, test } from 'vitest';
import type { PackedPackage } from './packPackage.js';

/** A bundle of one module that is not written anywhere. */
export async function bundle(project: string, code: string, options: BuildOptions = {}): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: project, sourcefile: 'bundle.js' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'silent',
    ...options,
  });
  return outputFiles?.[0]?.text ?? '';
}

export function describeBundles(packed: () => PackedPackage): void {
  const errorsOf = async (code: string, options?: BuildOptions): Promise<string> => {
    try {
      await bundle(packed().project, code, options);
      return '';
    } catch (error) {
      return (error as BuildFailure).errors
        .flatMap(({ text, notes }) => [text, ...notes.map((note) => note.text)])
        .join('\n');
    }
  };

  describe('a bundle', () => {
    test.each([
      'shelflife',
      'shelflife/indexeddb',
      'shelflife/local-storage',
      'shelflife/testing',
      'shelflife/oauth',
      'shelflife/fetch',
      'shelflife/formats',
      'shelflife/encrypted',
      'shelflife/fallback',
      'shelflife/migrate',
    ])('for browsers and for React Native takes %s', async (name) => {
      expect(await errorsOf(`export * from '${name}';`)).toBe('');
      expect(await errorsOf(`export * from '${name}';`, { conditions: ['react-native'] })).toBe('');
    });

    test('for browsers does not take the backend for files, and says why', async () => {
      expect(await errorsOf("export * from 'shelflife/file';")).toContain('disabled by the package author');
    });

    test('for React Native does not take the backend for files either', async () => {
      const native: BuildOptions = { platform: 'neutral', conditions: ['react-native'] };
      expect(await errorsOf("export * from 'shelflife/file';", native)).toContain(
        'disabled by the package author',
      );
    });

    test('of the core reaches no storage of a browser and nothing of Node', async () => {
      const text = await bundle(packed().project, "export * from 'shelflife';", { minify: true });
      for (const word of [
        'indexedDB',
        'localStorage',
        'sessionStorage',
        'node:',
        'require(',
        'process.',
        'eval(',
      ]) {
        expect(text.includes(word), word).toBe(false);
      }
    });

    test('of the core has no dependency but superjson', async () => {
      const text = await bundle(packed().project, "export * from 'shelflife';", { packages: 'external' });
      // The package itself is external too, so its modules are read one by one.
      expect(text).toContain('shelflife');
      const inner = await bundle(packed().installed, "export * from './dist/index.js';", {
        packages: 'external',
      });
      const imported = [...inner.matchAll(/^import .*?"([^"]+)";$/gm)].map(([, specifier]) => specifier);
      expect(new Set(imported)).toEqual(new Set(['superjson']));
    });

    test.each(['shelflife/fetch', 'shelflife/formats', 'shelflife/oauth'])(
      'of %s alone holds nothing of the store, and no package',
      async (name) => {
        const code = `export * from '${name}';`;
        const text = await bundle(packed().project, code, { minify: true, external: ['oauth4webapi'] });
        for (const word of ['superjson', 'compareAndSet', 'indexedDB', 'node:']) {
          expect(text.includes(word), word).toBe(false);
        }
      },
    );

    test('that uses one error holds little of the rest', async () => {
      const text = await bundle(packed().project, "export { NoCredentialsError } from 'shelflife';", {
        minify: true,
        external: ['superjson'],
      });
      expect(text.length).toBeLessThan(2500);
    });
  });
}
