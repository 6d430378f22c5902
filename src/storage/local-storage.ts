import type { StorageBackend } from './StorageBackend.js';
import { webLockLease } from './web/webLockLease.js';
import { type StorageArea, webStorageBackend } from './web/webStorageBackend.js';

export type { StorageArea } from './web/webStorageBackend.js';

/** Options of `localStorageBackend`. */
export interface LocalStorageBackendOptions {
  /** The object to keep records in. Default is `localStorage`, looked up at each use. */
  readonly area?: StorageArea;
}

/**
 * Keeps records in `localStorage`: read at once, so a page knows in its first frame whether somebody is signed in.
 *
 * For one tab at a time. Browsers show a tab the writes of another one late, in Chromium even inside a Web Lock, so
 * `compareAndSet` is atomic in its own page only (`scope: 'context'`), and two tabs may redeem the same refresh token.
 * Where tabs share credentials, use `indexedDBBackend`. Any script on the page can read what is stored, and Chromium
 * forgets the writes of the last seconds when it is killed.
 *
 * The storage key is the key itself; other keys are never read, changed or cleared. Nothing is touched before
 * the first use. Methods throw `StorageUnavailableError` where there is no storage that works (site data
 * blocked, a sandboxed frame, Node without a storage file) and `StorageQuotaError` where it is full.
 *
 * @throws {TypeError} Where `area` is not an object.
 *
 * @example
 * ```ts
 * const store = createCredentialStore({ storage: localStorageBackend() });
 * ```
 */
export function localStorageBackend(options: LocalStorageBackendOptions = {}): StorageBackend {
  const { area } = options;
  if (area !== undefined && (typeof area !== 'object' || area === null)) {
    throw new TypeError('The option "area" must be a Storage object.');
  }
  const lease = webLockLease('local-storage', 'local-storage');
  return Object.defineProperty(
    webStorageBackend('local-storage', true, () => area ?? globalThis.localStorage),
    'lease',
    { get: lease, enumerable: true },
  );
}

/**
 * Keeps records in `sessionStorage`: they survive a reload of the tab, and end with the tab.
 *
 * Each tab has its own, though a duplicated tab starts with a copy of it: with a refresh token inside, both then
 * hold the same one. Otherwise as `localStorageBackend`, without a lease.
 *
 * @example
 * ```ts
 * const store = createCredentialStore({ storage: sessionStorageBackend() });
 * ```
 */
export function sessionStorageBackend(): StorageBackend {
  return webStorageBackend('session-storage', false, () => globalThis.sessionStorage);
}
