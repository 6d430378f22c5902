import type { StorageBackend } from './StorageBackend.js';
import { pageLease } from './web/pageLease.js';
import { areaAccess, type StorageArea } from './web/storageArea.js';
import { tabsOfOrigin } from './web/tabsOfOrigin.js';
import { webLockLease } from './web/webLockLease.js';
import { webStorageMethods } from './web/webStorageMethods.js';

export type { StorageArea } from './web/storageArea.js';

/** Options of `localStorageBackend`. */
export interface LocalStorageBackendOptions {
  /** The object to keep records in. Default is `localStorage`, looked up at each use. */
  readonly area?: StorageArea | undefined;
}

/**
 * Keeps records in `localStorage`: read at once, so a page knows in its first frame whether somebody is signed in.
 *
 * Shared by all tabs of the origin where the page is secure (Web Locks) and has IndexedDB (`scope: 'origin'`): a write
 * passes through a fence there, since browsers show a tab the writes of another one late; it takes a millisecond, and
 * so does a lease. Reads outside of a lease may be that much late. Elsewhere, `compareAndSet` is atomic in its own page
 * only (`scope: 'context'`), two tabs may redeem the same refresh token, and `health` says `degraded` once a second
 * one is seen. Any script on the page can read what is stored, and Chromium forgets the writes of the last seconds
 * when it is killed.
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
  const name = 'local-storage';
  const lease = webLockLease(name, name);
  const access = areaAccess(name, () => area ?? globalThis.localStorage);
  const tabs = tabsOfOrigin(name, access, () => !!lease());
  return {
    name,
    persistent: true,
    get scope() {
      return tabs.scope;
    },
    get degraded() {
      return tabs.isDegraded;
    },
    ...webStorageMethods(name, access, tabs),
    lease: pageLease(name, name, lease, () => tabs.catchUp()),
  };
}

/**
 * Keeps records in `sessionStorage`: they survive a reload of the tab, and end with the tab.
 *
 * Each tab has its own, though a duplicated tab starts with a copy of it: with a refresh token inside, both then
 * hold the same one. All backend objects of a page take turns to refresh.
 *
 * @example
 * ```ts
 * const store = createCredentialStore({ storage: sessionStorageBackend() });
 * ```
 */
export function sessionStorageBackend(): StorageBackend {
  const name = 'session-storage';
  return {
    name,
    scope: 'context',
    persistent: false,
    ...webStorageMethods(
      name,
      areaAccess(name, () => globalThis.sessionStorage),
    ),
    lease: pageLease(name, name),
  };
}
