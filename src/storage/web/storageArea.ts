import { StorageUnavailableError } from '../../errors/StorageUnavailableError.js';
import { toStorageError } from '../../errors/toStorageError.js';

/** What is used of a `Storage` object. */
export interface StorageArea {
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** An object of the Web Storage API, which is looked up anew for each use. */
export interface AreaAccess {
  /** @throws {StorageUnavailableError} where there is none. */
  find(): StorageArea;
  /** Uses it; whatever is thrown is a typed error that says what could not be done. */
  use<T>(action: string, work: (area: StorageArea) => T): T;
  /** Whether it is this object. */
  is(area: unknown): boolean;
}

/** `name`: of the backend, for errors. */
export function areaAccess(name: string, lookUp: () => StorageArea | undefined): AreaAccess {
  /** Probes by use: the getter may throw or give nothing, and Node 25 gives an object without methods. */
  const find = (): StorageArea => {
    let cause: unknown = 'There is no Storage object.';
    try {
      const area = lookUp();
      if (typeof area?.getItem === 'function') return area;
    } catch (error) {
      cause = error;
    }
    throw new StorageUnavailableError(
      `The storage "${name}" must be a Storage object. Allow site data, or choose another backend.`,
      { backend: name, cause },
    );
  };

  return {
    find,
    use(action, work) {
      try {
        return work(find());
      } catch (error) {
        throw toStorageError(error, action, name, {});
      }
    },
    is(area) {
      try {
        return find() === area;
      } catch {
        return false;
      }
    },
  };
}
