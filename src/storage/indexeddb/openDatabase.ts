import { StorageUnavailableError } from '../../errors/StorageUnavailableError.js';
import { TimeoutError } from '../../errors/TimeoutError.js';
import { withTimeout } from '../../async/withTimeout.js';

/** The one object store of our databases. */
export const objectStoreName = 'credentials';

const patience = 5000;

/**
 * Opens a database, and adds our object store where it is missing.
 *
 * Browsers sometimes never answer, and an upgrade waits for other tabs to let go: after five seconds this rejects
 * with `TimeoutError`, and a connection that comes later is closed at once. `backend` is for errors.
 */
export function openDatabase(name: string, backend: string): Promise<IDBDatabase> {
  let late = false;

  const opened = new Promise<IDBDatabase>((resolve, reject) => {
    const open = (version?: number): void => {
      if (!globalThis.indexedDB) {
        throw new StorageUnavailableError('There is no IndexedDB here. Choose another backend.', { backend });
      }
      const request = indexedDB.open(name, version);
      request.onupgradeneeded = () => request.result.createObjectStore(objectStoreName);
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        const database = request.result;
        const isOurs = database.objectStoreNames.contains(objectStoreName);
        if (isOurs && !late) return resolve(database);
        database.close();
        // Somebody else made a database of this name.
        if (!isOurs) open(database.version + 1);
      };
    };
    open();
  });

  return withTimeout(opened, patience, () => {
    late = true;
    return new TimeoutError('IndexedDB did not open in time: another tab may block it. Try again.', {
      backend,
    });
  });
}
