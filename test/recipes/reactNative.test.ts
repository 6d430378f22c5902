import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';
import type { CredentialEntry } from '../../src/index.js';
import { testBackend } from '../../src/testing/index.js';
import type { StorageBackend } from '../../src/storage/StorageBackend.js';
import { root } from '../package/packPackage.js';

const folder = join(root, 'test/recipes/reactNative');

/** React Native's AsyncStorage, as far as the recipe uses it. */
const asyncStorage = `
  const values = globalThis.stored;
  const later = (work) => new Promise((resolve) => setTimeout(() => resolve(work())));
  export default {
    getItem: (key) => later(() => values.get(key) ?? null),
    setItem: (key, value) => later(() => void values.set(key, value)),
    removeItem: (key) => later(() => void values.delete(key)),
    getAllKeys: () => later(() => [...values.keys()]),
  };
`;

/** Bundles the recipe by the conditions that Metro resolves with. */
async function bundleRecipe(): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: `export * from './session.js'; export * from './asyncStorageBackend.js';`,
      resolveDir: folder,
    },
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'recipe',
    platform: 'neutral',
    mainFields: ['react-native', 'module', 'main'],
    conditions: ['react-native', 'import'],
    target: 'es2022',
    alias: { shelflife: join(root, 'src/index.ts') },
    plugins: [
      {
        name: 'async-storage',
        setup(bundler) {
          bundler.onResolve({ filter: /async-storage\/async-storage$/ }, () => ({
            path: 'it',
            namespace: 'it',
          }));
          bundler.onLoad({ filter: /^it$/, namespace: 'it' }, () => ({ contents: asyncStorage }));
        },
      },
    ],
  });
  return outputFiles[0]!.text;
}

interface Recipe {
  readonly session: CredentialEntry;
  readonly asyncStorageBackend: StorageBackend;
}

/** Starts an app: what a JavaScript context of React Native has, and no more. No DOM, no `crypto`, no channels. */
function startApp(code: string, stored = new Map<string, string>()): Recipe {
  const host = {
    stored,
    setTimeout,
    clearTimeout,
    queueMicrotask,
    AbortController,
    AbortSignal,
    URL,
    console,
  };
  const context = createContext(Object.assign(Object.create(null) as object, host));
  runInContext(code, context);
  return runInContext('recipe', context) as Recipe;
}

let code: string;
beforeAll(async () => {
  code = await bundleRecipe();
});

describe('the recipe for React Native', () => {
  testBackend({ name: 'AsyncStorage', create: () => startApp(code).asyncStorageBackend, test });

  test('keeps a session through a restart of the app, and refreshes it once for many callers', async () => {
    const stored = new Map<string, string>();
    await startApp(code, stored).session.set({ access_token: 'a', refresh_token: 'r1', expires_in: 3600 });
    const { session } = startApp(code, stored);
    const tokens = await Promise.all([session, session, session].map((entry) => entry.getAccessToken()));
    expect(new Set(tokens)).toEqual(new Set(['new for r1']));
    expect((await startApp(code, stored).session.get())?.refresh_token).toBe('r2');
  });
});
