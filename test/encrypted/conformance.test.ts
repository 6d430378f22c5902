import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';
import { afterAll, beforeEach, describe, test, vi } from 'vitest';
import { browserKey, encryptedBackend, passphraseKey } from '../../src/encrypted/index.js';
import { memoryBackend, type StorageBackend } from '../../src/index.js';
import { fileBackend } from '../../src/storage/file.js';
import { indexedDBBackend } from '../../src/storage/indexeddb.js';
import { localStorageBackend } from '../../src/storage/local-storage.js';
import { testBackend } from '../../src/testing/index.js';
import { FakeStorageArea } from '../storage/web/fakeStorageArea.js';
import { keyOf } from './support.js';

const parent = mkdtempSync(join(realpathSync(tmpdir()), 'shelflife-encrypted-'));
let directories = 0;

beforeEach(() => {
  vi.stubGlobal('indexedDB', new IDBFactory());
  vi.stubGlobal('IDBKeyRange', IDBKeyRange);
});
afterAll(() => rmSync(parent, { recursive: true, force: true }));

const innerBackends: Readonly<Record<string, () => StorageBackend>> = {
  memory: memoryBackend,
  file: () => fileBackend({ directory: join(parent, String((directories += 1))) }),
  IndexedDB: () => indexedDBBackend(),
  localStorage: () => localStorageBackend({ area: new FakeStorageArea() }),
};

for (const [name, open] of Object.entries(innerBackends)) {
  testBackend({
    name: `encrypted over ${name}`,
    create: () => encryptedBackend(open(), { keys: keyOf(1) }),
    test,
  });
}

describe('with plain text taken over', () => {
  testBackend({
    name: 'encrypted over memory',
    create: () => encryptedBackend(memoryBackend(), { keys: [keyOf(2), keyOf(1)], plaintext: 'migrate' }),
    test,
  });
});

describe('with a key of the browser', () => {
  testBackend({
    name: 'encrypted over IndexedDB',
    create: () => encryptedBackend(indexedDBBackend(), { keys: browserKey() }),
    test,
  });
});

describe('with a key of a passphrase', () => {
  const salt = new Uint8Array(16);
  testBackend({
    name: 'encrypted over memory',
    create: () => encryptedBackend(memoryBackend(), { keys: passphraseKey('p', { salt, iterations: 1000 }) }),
    test,
  });
});
