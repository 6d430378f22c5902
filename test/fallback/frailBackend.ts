import { memoryBackend } from '../../src/index.js';
import type { StorageBackend } from '../../src/storage/StorageBackend.js';

/** A process that ends: from its n-th call of any storage on, nothing it does has an effect, nor an end. */
export interface Mortal {
  callsLeft: number;
  isDead: boolean;
}

/** Tells a test that its process has died in the middle. */
export class Died extends Error {}

/** Values that several contexts share, as tabs share an origin's storage. */
export interface SharedValues {
  readonly backend: StorageBackend;
}

export function sharedValues(): SharedValues {
  return { backend: memoryBackend() };
}

/**
 * A fake: a context's view of shared values, which fails while it is down, and with which its context dies. The
 * death comes before the call has an effect, or after it had and before the answer.
 */
export function frailBackend(
  name: string,
  { backend }: SharedValues,
  mortal: Mortal,
  isDown: () => boolean = () => false,
): StorageBackend {
  const use = async <T>(call: () => T | Promise<T>): Promise<T> => {
    // Lets others take turns, as real storages do.
    await Promise.resolve();
    if (mortal.isDead) throw new Died();
    mortal.callsLeft -= 0.5;
    if (mortal.callsLeft <= 0) mortal.isDead = true;
    if (mortal.isDead) throw new Died();
    if (isDown()) throw new Error(`${name} is down`);
    const result = await call();
    mortal.callsLeft -= 0.5;
    if (mortal.callsLeft <= 0) mortal.isDead = true;
    if (mortal.isDead) throw new Died();
    return result;
  };
  return {
    name,
    scope: 'origin',
    persistent: true,
    get: (key) => use(() => backend.get(key)),
    compareAndSet: (key, expected, next) => use(() => backend.compareAndSet(key, expected, next)),
    keys: (prefix) => use(() => backend.keys(prefix) as string[]),
    lease: (key, options) => backend.lease!(key, options),
  };
}

export function immortal(): Mortal {
  return { callsLeft: Infinity, isDead: false };
}
