/** `node buildSite.mjs <bundler> <folder>`: builds the page of a folder into its `dist`, or with Next into `.next`. */
import { join } from 'node:path';

const [, , bundler, folder] = process.argv;
const entry = join(folder, 'main.js');
const output = join(folder, 'dist');

const builders = {
  async vite() {
    const { build } = await import('vite');
    await build({ root: folder, logLevel: 'warn', build: { outDir: output, minify: true } });
  },

  async webpack() {
    const { default: webpack } = await import('webpack');
    const compiler = webpack({
      mode: 'production',
      context: folder,
      entry,
      output: { path: output, filename: 'main.js' },
      performance: { hints: false },
    });
    const stats = await new Promise((resolve, reject) =>
      compiler.run((error, result) => (error ? reject(error) : resolve(result))),
    );
    const { errors, warnings } = stats.toJson({ errors: true, warnings: true });
    const said = [...errors, ...warnings].map(({ message }) => message);
    if (said.length) throw new Error(said.join('\n'));
  },

  async rollup() {
    const { rollup } = await import('rollup');
    const { default: nodeResolve } = await import('@rollup/plugin-node-resolve');
    const { default: commonjs } = await import('@rollup/plugin-commonjs');
    const { default: replace } = await import('@rollup/plugin-replace');
    const bundle = await rollup({
      input: entry,
      plugins: [
        nodeResolve({ browser: true, exportConditions: ['production'] }),
        commonjs(),
        replace({ preventAssignment: true, 'process.env.NODE_ENV': '"production"' }),
      ],
      onLog(level, log) {
        if (level === 'warn' && log.code !== 'MODULE_LEVEL_DIRECTIVE') throw new Error(log.message);
      },
    });
    await bundle.write({ dir: output, entryFileNames: 'main.js', format: 'es' });
  },

  async esbuild() {
    const { build } = await import('esbuild');
    const { warnings } = await build({
      entryPoints: [entry],
      outdir: output,
      bundle: true,
      splitting: true,
      minify: true,
      format: 'esm',
      define: { 'process.env.NODE_ENV': '"production"' },
      logLevel: 'error',
    });
    if (warnings.length) throw new Error(warnings.map(({ text }) => text).join('\n'));
  },
};

await builders[bundler]();
