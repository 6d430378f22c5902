import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';
import { afterAll, beforeEach, describe, test, vi } from 'vitest';
import { browserKey, encryptedBackend, passphraseKey } from '../../src/encrypted/index.js';
import { fallbackBackend } from '../../src/fallback/fallback.js';
import { memoryBackend, type StorageBackend, StorageUnavailableError } from '../../src/index.js';
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

/** A storage that can't be used, as IndexedDB in some private windows. */
function brokenBackend(): StorageBackend {
  const fail = (): never => {
    throw new StorageUnavailableError('There is no storage here.', { backend: 'broken' });
  };
  return { name: 'broken', scope: 'context', persistent: true, get: fail, compareAndSet: fail, keys: fail };
}

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

describe('wrapper over wrapper', () => {
  const deeper: Readonly<Record<string, () => StorageBackend>> = {
    'encrypted over a fallback': () =>
      encryptedBackend(fallbackBackend([innerBackends['file']!(), memoryBackend()]), { keys: keyOf(1) }),
    'encrypted over a fallback whose first layer is down': () =>
      encryptedBackend(fallbackBackend([brokenBackend(), memoryBackend()]), { keys: keyOf(1) }),
    'a fallback over encrypted layers': () =>
      fallbackBackend([
        encryptedBackend(innerBackends['file']!(), { keys: keyOf(1) }),
        encryptedBackend(memoryBackend(), { keys: keyOf(2) }),
      ]),
  };
  for (const [name, create] of Object.entries(deeper)) testBackend({ name, create, test });
});

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
