import type { StorageBackend } from '../storage/StorageBackend.js';
import { FallbackBackend } from './FallbackBackend.js';

/** What each fallback consists of, so that no backend is in one twice. */
const layersOf = /* @__PURE__ */ new WeakMap<object, readonly object[]>();

/**
 * Makes one backend of several: the first that works serves, and the others are there for when it does not.
 *
 * Each is tried by use (a write, a read, a deletion) when the store is first used, for two seconds at most. What
 * serves stays until `close()`; `health` is `degraded` where it is not the first, and its `error` says why. A record
 * in a lower layer is moved up when it is found: nothing is lost where that is cut short. A deletion reaches all
 * layers, the lowest first. A record that a higher layer holds is never served from a lower one: where the higher
 * one can't be used for now, its reads fail with `StorageUnavailableError` rather than give "signed out".
 *
 * @param backends from the one that is wanted to the last resort, often `memoryBackend()`.
 * @throws {TypeError} where there are none, or one of them is in it twice.
 * @example
 * ```ts
 * import { createCredentialStore, memoryBackend } from 'shelflife';
 * import { fallbackBackend } from 'shelflife/fallback';
 * import { indexedDBBackend } from 'shelflife/indexeddb';
 *
 * const store = createCredentialStore({ storage: fallbackBackend([indexedDBBackend(), memoryBackend()]) });
 * ```
 */
export function fallbackBackend(backends: readonly [StorageBackend, ...StorageBackend[]]): StorageBackend {
  if (!Array.isArray(backends) || backends.length === 0) {
    throw new TypeError('fallbackBackend: pass an array of backends, with one at least.');
  }
  const layers = [...backends] as [StorageBackend, ...StorageBackend[]];
  if (!layers.every((layer) => typeof layer?.compareAndSet === 'function')) {
    throw new TypeError('fallbackBackend: each of the array must be a storage backend.');
  }
  const parts = layers.flatMap((layer) => [layer, ...(layersOf.get(layer) ?? [])]);
  if (new Set<object>(parts).size < parts.length) {
    throw new TypeError('fallbackBackend: a backend must not be in it twice, nor below itself.');
  }
  const fallback = new FallbackBackend(layers);
  layersOf.set(fallback, parts);
  return fallback;
}
