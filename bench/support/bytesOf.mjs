import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { peersFolder } from './peers.mjs';

const manifest = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
const here = fileURLToPath(new URL('.', import.meta.url));

/** Subpaths that bundles for browsers refuse. */
const forNode = Object.entries(manifest.exports)
  .filter(([, conditions]) => conditions.browser === null)
  .map(([path]) => path.replace(/^\./, 'shelflife'));

/** The bytes of a bundle for production, as a page would load it; as a process would where it is for Node only. */
export async function bytesOf(code) {
  const isForNode = forNode.some((piece) => code.includes(`'${piece}'`));
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: here, sourcefile: 'page.js' },
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    platform: isForNode ? 'node' : 'browser',
    target: 'es2022',
    logLevel: 'error',
    external: ['node:*', ...Object.keys(manifest.peerDependencies).flatMap((name) => [name, `${name}/*`])],
    nodePaths: [fileURLToPath(new URL('node_modules', peersFolder))],
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  const text = outputFiles[0].contents;
  return {
    minified: text.length,
    gzip: gzipSync(text, { level: 9 }).length,
    brotli: brotliCompressSync(text).length,
  };
}

/** Every subpath that has code. */
export async function ownPieces() {
  return Object.keys(manifest.exports)
    .filter((path) => !path.endsWith('.json'))
    .map((path) => path.replace(/^\./, 'shelflife'));
}
