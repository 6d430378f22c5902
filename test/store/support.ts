import type { CredentialsInput, ShelflifeError, StorageBackend } from '../../src/index.js';
import { memoryBackend } from '../../src/index.js';

/** Whole turns of the event loop, so that promises settle in between. */
export async function turns(count = 20): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** Waits for a condition by turns of the event loop; throws where it never comes. */
export async function waitFor(condition: () => boolean, what = 'the condition', limit = 3000): Promise<void> {
  const started = performance.now();
  while (!condition()) {
    if (performance.now() - started > limit) throw new Error(`Waited in vain for ${what}.`);
    await new Promise<void>((resolve) => setTimeout(resolve, 1));
  }
}

export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

export function deferred<T = void>(): Deferred<T> {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

/** Another backend object over the same data and leases, as another tab or process has it. */
export function sameStorage(inner: StorageBackend, changes: Partial<StorageBackend> = {}): StorageBackend {
  return { ...inner, ...changes };
}

/** The same backend with answers that take a turn of the event loop, as IndexedDB and files do. */
export function answeringLater(inner: StorageBackend): StorageBackend {
  return {
    ...inner,
    async get(key) {
      await turns(1);
      return inner.get(key);
    },
    async compareAndSet(key, expected, next) {
      await turns(1);
      return inner.compareAndSet(key, expected, next);
    },
  };
}

/** A memory backend without the optional methods, and the map it keeps its values in. */
export function bareBackend(values: Map<string, string> = new Map<string, string>()): StorageBackend & {
  readonly values: Map<string, string>;
} {
  return {
    name: 'bare',
    scope: 'context',
    persistent: false,
    values,
    get: (key) => values.get(key),
    compareAndSet(key, expected, next) {
      if (values.get(key) !== expected) return false;
      if (next === undefined) values.delete(key);
      else values.set(key, next);
      return true;
    },
    keys: (prefix) => [...values.keys()].filter((key) => key.startsWith(prefix)),
  };
}

/** Like `bareBackend`, with a lease. */
export function leasedBackend(values: Map<string, string> = new Map<string, string>()): StorageBackend & {
  readonly values: Map<string, string>;
} {
  const memory = memoryBackend();
  return { ...bareBackend(values), name: 'leased', lease: (key, options) => memory.lease!(key, options) };
}

/** The one key the backend holds a record under. */
export function onlyKey(values: Map<string, string>): string {
  const [key, ...others] = values.keys();
  if (key === undefined || others.length) throw new Error(`Expected one key, found ${values.size}.`);
  return key;
}

/** What a promise rejected with; throws where it resolved or where it never settles. */
export async function rejectionOf(promise: Promise<unknown>, limit = 5000): Promise<ShelflifeError> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`The promise did not settle within ${limit} ms.`)), limit);
  });
  try {
    return await Promise.race([
      promise.then(
        () => {
          throw new Error('The promise resolved, but a rejection was expected.');
        },
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the tests say which class it is
        (error: unknown) => error as ShelflifeError,
      ),
      late,
    ]);
  } finally {
    clearTimeout(timer);
  }
}

/** Tokens that last an hour from `now`, told apart by a name. */
export function tokens(name: string, now: number, more: CredentialsInput = {}): CredentialsInput {
  return {
    access_token: `access-${name}-0123456789`,
    refresh_token: `refresh-${name}-0123456789`,
    issued_at: new Date(now),
    expires_in: 3600,
    ...more,
  };
}

/** Tokens that expired an hour before `now`. */
export function expiredTokens(name: string, now: number, more: CredentialsInput = {}): CredentialsInput {
  return tokens(name, now - 7_200_000, more);
}
