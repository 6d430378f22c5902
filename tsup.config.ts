import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    indexeddb: 'src/storage/indexeddb.ts',
    'local-storage': 'src/storage/local-storage.ts',
    file: 'src/storage/file.ts',
    encrypted: 'src/encrypted/index.ts',
    keychain: 'src/keychain/index.ts',
    fallback: 'src/fallback/fallback.ts',
    migrate: 'src/migrate/migrate.ts',
    redis: 'src/redis/redis.ts',
    testing: 'src/testing/index.ts',
    react: 'src/frameworks/react.ts',
    vue: 'src/frameworks/vue.ts',
    lit: 'src/frameworks/lit.ts',
    'preact-signals': 'src/frameworks/preact-signals.ts',
    tc39: 'src/frameworks/tc39.ts',
    oauth: 'src/oauth/index.ts',
    fetch: 'src/fetch/index.ts',
    formats: 'src/formats/index.ts',
  },
  format: 'esm',
  target: 'es2022',
  platform: 'neutral',
  // Shared chunks keep one copy of every error class, so `instanceof` holds across subpaths.
  splitting: true,
  clean: true,
  sourcemap: true,
  external: [/^node:/],
  // tsup strips `node:` by default, which breaks runtimes that resolve only the prefixed names.
  removeNodeProtocol: false,
  // tsup 8 sets `baseUrl`, which TypeScript 6 deprecates.
  dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
});
