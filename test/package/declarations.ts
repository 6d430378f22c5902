import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type PackedPackage, root, run } from './packPackage.js';

const CONSUMER = `
import {
  createCredentialStore, fromTokenResponse, isShelflifeError, memoryBackend, RefreshRejectedError,
  type CredentialEntry, type Credentials, type Expiry, type Signal, type StorageBackend,
} from 'shelflife';
import { indexedDBBackend } from 'shelflife/indexeddb';
import { localStorageBackend, sessionStorageBackend } from 'shelflife/local-storage';
import { fakeClock, testBackend } from 'shelflife/testing';
import { fileBackend } from 'shelflife/file';
import { createFetch } from 'shelflife/fetch';
import { readFormat, writeFormat, type FormatName } from 'shelflife/formats';
import { clientCredentialsGrant, refreshGrant } from 'shelflife/oauth';
import { browserKey, encryptedBackend, rawKey, type EncryptedBackend, type KeySource } from 'shelflife/encrypted';
import { keychainKey } from 'shelflife/keychain';

const backends: StorageBackend[] =
  [memoryBackend(), indexedDBBackend(), localStorageBackend(), sessionStorageBackend(), fileBackend({ app: 'x' })];
const format: FormatName = readFormat({ access_token: 'a', expiry_date: 0 }).format;
writeFormat({ access_token: 'a' }, format);
const grant = { issuer: 'https://accounts.example', client: { client_id: 'app' } };
for (const refresh of [refreshGrant(grant), clientCredentialsGrant(grant)]) createCredentialStore({ storage: memoryBackend(), refresh });
const keys: readonly [KeySource, ...KeySource[]] = [browserKey(), rawKey(new Uint8Array(32)), keychainKey({ service: 'x' })];
const encrypted: EncryptedBackend = encryptedBackend(memoryBackend(), { keys });
encrypted.rotate({ onProgress: ({ done }) => { const count: number = done; void count; } }).catch(() => {});
keys[0].open().then(({ id, key }) => { const type: string = key.type; void [id, type]; }, () => {});
backends.push(encrypted);
for (const storage of backends) {
  const entry: CredentialEntry = createCredentialStore({
    storage,
    clock: fakeClock(),
    refresh: async ({ refresh_token }) => {
      if (!refresh_token) throw new RefreshRejectedError();
      return fromTokenResponse({ access_token: 'x' });
    },
  }).entry();
  const expiry: Signal<Expiry> = entry.expiry;
  const unsubscribe = expiry.subscribe(({ status }) => { const text: string = status; void text; });
  unsubscribe();
  entry.get().then(
    (credentials: Credentials | undefined) => { const issuedAt: Date | null | undefined = credentials?.issued_at; void issuedAt; },
    (error: unknown) => { if (isShelflifeError(error)) { const code: string = error.code; void code; } },
  );
  const fetchWithToken: typeof fetch = createFetch(entry, { origins: ['https://api.example'] });
  void fetchWithToken;
  testBackend({ name: storage.name, create: () => storage, test: (title, run) => void [title, run] });
  // @ts-expect-error the types are there, not any
  entry.nonsense;
}
`;

/** What programs have around them: a page has the DOM and no Node, a script has Node and no DOM. */
const surroundings = {
  'with the DOM and without Node': { lib: ['ES2022', 'DOM'], types: [] },
  'with the DOM and iteration and Node': { lib: ['ES2022', 'DOM', 'DOM.Iterable'], types: ['node'] },
  'with Node and without the DOM': { lib: ['ES2022'], types: ['node'] },
  'in a worker': { lib: ['ES2022', 'WebWorker'], types: [] },
};

const resolutions = {
  nodenext: { module: 'NodeNext', moduleResolution: 'NodeNext' },
  bundler: { module: 'ESNext', moduleResolution: 'Bundler' },
};

export function describeDeclarations(packed: () => PackedPackage): void {
  describe('the declarations', () => {
    for (const [resolution, module] of Object.entries(resolutions)) {
      for (const [surrounding, has] of Object.entries(surroundings)) {
        test(`compile under ${resolution} ${surrounding}`, { timeout: 120_000 }, async () => {
          const file = `${resolution}/${surrounding.replaceAll(' ', '-')}/tsconfig.json`;
          const folder = join(packed().project, dirname(file));
          await mkdir(folder, { recursive: true });
          await writeFile(join(folder, 'consumer.ts'), CONSUMER);
          await writeFile(
            join(packed().project, file),
            JSON.stringify({
              compilerOptions: {
                ...module,
                ...has,
                typeRoots: [join(root, 'node_modules/@types')],
                target: 'ES2022',
                strict: true,
                exactOptionalPropertyTypes: true,
                noUncheckedIndexedAccess: true,
                skipLibCheck: false,
                noEmit: true,
              },
              files: ['consumer.ts'],
            }),
          );
          const tsc = join(root, 'node_modules/typescript/lib/tsc.js');
          const { output } = await run(process.execPath, [tsc, '--project', file], packed().project);
          expect(output).toBe('');
        });
      }
    }
  });
}
