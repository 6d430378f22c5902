import { fileURLToPath } from 'node:url';
import { compileModule } from 'svelte/compiler';
import { defineConfig } from 'vitest/config';

/** Frameworks decide at import whether they render pages or serve them; the tests need the former. */
const frameworksAsInBrowsers = {
  svelte: 'svelte/src/index-client.js',
  'svelte/store': 'svelte/src/store/index-client.js',
  'svelte/reactivity': 'svelte/src/reactivity/index-client.js',
  'solid-js': 'solid-js/dist/solid.js',
};

export default defineConfig({
  plugins: [
    {
      name: 'svelte-runes',
      enforce: 'post',
      transform: (code, filename) =>
        filename.endsWith('.svelte.ts')
          ? compileModule(code, { filename, generate: 'client' }).js
          : undefined,
    },
  ],
  resolve: {
    alias: Object.entries(frameworksAsInBrowsers).map(([name, file]) => ({
      find: new RegExp(`^${name}$`),
      replacement: fileURLToPath(new URL(`node_modules/${file}`, import.meta.url)),
    })),
  },
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    testTimeout: 20_000,
    hookTimeout: 120_000,
    // A test that leaves fake timers, globals or environment variables behind must not decide about the next.
    unstubGlobals: true,
    unstubEnvs: true,
  },
});
