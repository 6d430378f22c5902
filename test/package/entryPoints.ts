import { cp, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type PackedPackage, root, run } from './packPackage.js';

const core = [
  'ClosedError',
  'ConflictError',
  'CorruptRecordError',
  'CredentialsExpiredError',
  'InvalidCredentialsError',
  'LeaseLostError',
  'NoCredentialsError',
  'RefreshFailedError',
  'RefreshRejectedError',
  'ShelflifeError',
  'StorageQuotaError',
  'StorageUnavailableError',
  'TimeoutError',
  'UnsupportedVersionError',
  'createCredentialStore',
  'expiryOf',
  'fromTokenResponse',
  'isShelflifeError',
  'memoryBackend',
  'parseCredentials',
];

const entryPoints: Readonly<Record<string, readonly string[]>> = {
  shelflife: core,
  'shelflife/slim': core,
  'shelflife/indexeddb': ['indexedDBBackend'],
  'shelflife/local-storage': ['localStorageBackend', 'sessionStorageBackend'],
  'shelflife/file': ['fileBackend'],
  'shelflife/encrypted': [
    'DecryptionError',
    'KeyUnavailableError',
    'browserKey',
    'createSalt',
    'encryptedBackend',
    'passphraseKey',
    'rawKey',
  ],
  'shelflife/keychain': ['KeyUnavailableError', 'keychainKey'],
  'shelflife/fallback': ['fallbackBackend'],
  'shelflife/migrate': ['migrate'],
  'shelflife/redis': ['redisBackend'],
  'shelflife/testing': ['fakeClock', 'testBackend'],
  'shelflife/oauth': ['clientCredentialsGrant', 'refreshGrant'],
  'shelflife/fetch': ['createFetch'],
  'shelflife/formats': ['formats', 'readFormat', 'writeFormat'],
  'shelflife/react': ['useCredentials', 'useExpiry', 'useSignal', 'useTimeLeft'],
  'shelflife/vue': ['useCredentials', 'useExpiry', 'useSignal', 'useTimeLeft'],
  'shelflife/lit': ['SignalController'],
  'shelflife/preact-signals': ['toPreactSignal'],
  'shelflife/tc39': ['toTC39Signal'],
  'shelflife/key-value': ['keyValueBackend', 'keyValueStorage'],
  'shelflife/keyv': ['keyvBackend', 'keyvStore'],
  'shelflife/unstorage': ['unstorageBackend', 'unstorageDriver'],
  'shelflife/oidc-client-ts': ['oidcStateStore'],
  'shelflife/auth0': ['auth0Cache'],
  'shelflife/msal': ['msalCachePlugin'],
  'shelflife/mcp': ['mcpCredentials'],
};

/** What the bindings import: what these packages do when they are imported is their own affair. */
const FRAMEWORKS = ['react', 'vue', 'lit', '@preact/signals-core', 'signal-polyfill'];
const importFrameworks = FRAMEWORKS.map((name) => `await import('${name}');`).join('\n');

/** Everything that does something, or that a page may not have: reading or calling any of it is a side effect. */
const BOOBY_TRAPS = `
  const trap = (name) => () => { throw new Error('import used ' + name); };
  for (const name of ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'addEventListener', 'fetch',
    'reportError', 'structuredClone']) {
    globalThis[name] = trap(name);
  }
  for (const name of ['crypto', 'indexedDB', 'localStorage', 'sessionStorage', 'navigator', 'document', 'window',
    'BroadcastChannel', 'location']) {
    Object.defineProperty(globalThis, name, { get: trap(name), configurable: true });
  }
`;

export function describeEntryPoints(packed: () => PackedPackage): void {
  /** Runs a module of the project's and gives back what it printed as JSON. */
  async function evaluate(code: string, project: string = packed().project): Promise<unknown> {
    const file = join(project, 'module.mjs');
    await writeFile(file, code);
    const { code: exitCode, output } = await run(process.execPath, [file], project);
    expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
    return JSON.parse(output) as unknown;
  }

  describe('the entry points', () => {
    test('are the ones of the manifest', () => {
      const subpaths = Object.keys(entryPoints).map((name) => name.replace('shelflife', '.'));
      expect(Object.keys(packed().manifest.exports).toSorted()).toEqual(
        [...subpaths, './package.json'].toSorted(),
      );
    });

    test.each(Object.entries(entryPoints))('%s exports what it should', async (name, names) => {
      const exported = await evaluate(
        `console.log(JSON.stringify(Object.keys(await import('${name}')).sort()));`,
      );
      expect(exported).toEqual(names);
    });

    test.each(Object.keys(entryPoints))('%s does nothing when it is imported', async (name) => {
      const code = `${importFrameworks}\n${BOOBY_TRAPS}\nawait import('${name}');\nconsole.log('"imported"');`;
      expect(await evaluate(code)).toBe('imported');
    });

    test('all do nothing when they are constructed, up to the first use', async () => {
      const code = `
        const { createCredentialStore, memoryBackend } = await import('shelflife');
        const { indexedDBBackend } = await import('shelflife/indexeddb');
        const { localStorageBackend, sessionStorageBackend } = await import('shelflife/local-storage');
        const { browserKey, encryptedBackend, passphraseKey, rawKey } = await import('shelflife/encrypted');
        const { keychainKey } = await import('shelflife/keychain');
        ${BOOBY_TRAPS}
        const salt = new Uint8Array(32);
        for (const keys of [browserKey(), rawKey(salt), passphraseKey('p', { salt }), keychainKey({ service: 's' })])
          createCredentialStore({ storage: encryptedBackend(memoryBackend(), { keys }) }).entry().expiry;
        for (const backend of [memoryBackend, indexedDBBackend, localStorageBackend, sessionStorageBackend]) {
          const entry = createCredentialStore({ storage: backend() }).entry();
          entry.credentials; entry.expiry; entry.timeLeft();
        }
        console.log('"constructed"');`;
      expect(await evaluate(code)).toBe('constructed');
    });

    test('can be required by CommonJS too, where Node can', async () => {
      const code = `
        import { createRequire } from 'node:module';
        const { createCredentialStore } = createRequire(import.meta.url)('shelflife');
        console.log(JSON.stringify(typeof createCredentialStore));`;
      const file = join(packed().project, 'required.mjs');
      await writeFile(file, code);
      const { output } = await run(process.execPath, ['--no-warnings', file], packed().project);
      expect(output.trim()).toBe('"function"');
    });

    test('name the optional package that is missing, and how to install it', async () => {
      // A project of its own, that has what the package depends on and nothing optional.
      const bare = join(packed().project, '..', 'bare');
      const modules = join(bare, 'node_modules');
      await cp(packed().installed, join(modules, 'shelflife'), { recursive: true });
      for (const name of Object.keys(packed().manifest.dependencies))
        await symlink(join(root, 'node_modules', name), join(modules, name), 'dir');
      const code = `
        import { memoryBackend, isShelflifeError } from 'shelflife';
        import { encryptedBackend, rawKey } from 'shelflife/encrypted';
        import { keychainKey } from 'shelflife/keychain';
        const errorOf = async (call) => { try { await call(); } catch (error) { return error; } };
        const encrypted = encryptedBackend(memoryBackend(), { keys: rawKey(new Uint8Array(32)) });
        const errors = [
          await errorOf(() => encrypted.compareAndSet('key', undefined, 'value')),
          await errorOf(() => keychainKey({ service: 'test' }).open()),
        ];
        console.log(JSON.stringify(errors.map((error) =>
          [isShelflifeError(error), error.name, error.retryable, error.message])));`;
      const told = await evaluate(code, bare);
      expect(told).toEqual([
        [true, 'StorageUnavailableError', false, expect.stringMatching(/npm install jose$/)],
        [true, 'KeyUnavailableError', false, expect.stringMatching(/npm install @napi-rs\/keyring$/)],
      ]);
    });

    test('share the classes of errors', async () => {
      const same = await evaluate(`
        import { isShelflifeError, ShelflifeError, StorageUnavailableError } from 'shelflife';
        import { indexedDBBackend } from 'shelflife/indexeddb';
        import { localStorageBackend } from 'shelflife/local-storage';
        import { fileBackend } from 'shelflife/file';
        const errorOf = async (call) => { try { await call(); } catch (error) { return error; } };
        // None of them works here: Node has no IndexedDB and no localStorage, and nobody can write below a file.
        delete globalThis.localStorage;
        const errors = await Promise.all([
          errorOf(() => indexedDBBackend().get('key')),
          errorOf(() => localStorageBackend().get('key')),
          errorOf(() => fileBackend({ directory: import.meta.filename + '/below' }).compareAndSet('key', undefined, 'value')),
        ]);
        console.log(JSON.stringify(errors.map((error) =>
          [error instanceof StorageUnavailableError, error instanceof ShelflifeError, isShelflifeError(error), error?.backend])));`);
      expect(same).toEqual([
        [true, true, true, 'indexeddb'],
        [true, true, true, 'local-storage'],
        [true, true, true, 'file'],
      ]);
    });

    test('keep credentials, from one end of the package to the other', async () => {
      const kept = await evaluate(`
        import { createCredentialStore } from 'shelflife';
        import { fileBackend } from 'shelflife/file';
        import { mkdtemp, rm } from 'node:fs/promises';
        const directory = await mkdtemp('kept-');
        const open = () => createCredentialStore({ storage: fileBackend({ directory }) });
        const first = open();
        await first.entry().set({ access_token: 'synthetic', issued_at: '2026-01-01T00:00:00Z', expires_in: '60' });
        await first.close();
        const { issued_at, expires_in } = await open().entry().get();
        await rm(directory, { recursive: true });
        console.log(JSON.stringify([issued_at instanceof Date, issued_at, expires_in]));`);
      expect(kept).toEqual([true, '2026-01-01T00:00:00.000Z', 60]);
    });

    test('do not keep a process alive', async () => {
      const started = performance.now();
      await evaluate(`
        import { createCredentialStore, memoryBackend } from 'shelflife';
        const entry = createCredentialStore({ storage: memoryBackend() }).entry();
        await entry.set({ access_token: 'synthetic', issued_at: new Date(), expires_in: 3600 });
        entry.expiry.subscribe(() => {});
        entry.timeLeft().subscribe(() => {});
        console.log('"done"');`);
      expect(performance.now() - started).toBeLessThan(10_000);
    });
  });
}
