import type { Lease, StorageBackend } from './StorageBackend.js';
import { takeTurn, type Turns } from './takeTurn.js';

/**
 * Keeps records in the memory of this context, for as long as the backend object lives.
 *
 * For tests, for servers that hold one user's credentials during one request, and for pages that would rather
 * sign in again than leave a refresh token behind. Nothing is shared with other tabs or processes. Stores that
 * are given the same backend object share its records, and take turns by its lease.
 *
 * @example
 * ```ts
 * const store = createCredentialStore({ storage: memoryBackend() });
 * ```
 */
export function memoryBackend(): StorageBackend {
  const values = new Map<string, string>();
  const turns: Turns = new Map();

  return {
    name: 'memory',
    scope: 'context',
    persistent: false,

    get: (key) => values.get(key),

    compareAndSet(key, expected, next) {
      if (values.get(key) !== expected) return false;
      if (next === undefined) values.delete(key);
      else values.set(key, next);
      return true;
    },

    keys: (prefix) => [...values.keys()].filter((key) => key.startsWith(prefix)),

    lease: async (key, { signal }): Promise<Lease> => {
      const end = await takeTurn(turns, key, { signal, backend: 'memory' });
      return { signal: new AbortController().signal, release: async () => end() };
    },
  };
}
