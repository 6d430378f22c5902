import type { UseStore } from 'idb-keyval';
import { readMember } from '../../errors/summarizeCause.js';
import { toStorageError } from '../../errors/toStorageError.js';
import { onPageTransition } from '../web/onPageTransition.js';
import { objectStoreName, openDatabase } from './openDatabase.js';

/** A connection that is opened when needed and opened again when lost. */
export interface Connection {
  /** Runs a function inside one transaction: the store function of idb-keyval. */
  readonly use: UseStore;
  /** Closes the connection. The next use opens another one. */
  close(): void;
}

/** What a transaction fails with where its connection is dead: closed, lost, or to a database that was deleted. */
const deadConnection = /^(InvalidState|NotFound|Unknown|Abort)Error$/;

/** How a connection is to be kept. */
export interface ConnectionOptions {
  /** The name of the backend that it belongs to, for errors. */
  readonly backend: string;
  /** Whether a write is over when it is on the disk, or before. */
  readonly durability: 'strict' | 'relaxed';
  /** Called when it is taken away: site data were cleared, or somebody deletes the database. */
  onLost?(this: void): void;
}

/** Keeps one connection to a database alive, through everything that browsers do to connections. */
export function keepConnection(name: string, { backend, durability, onLost }: ConnectionOptions): Connection {
  let current: Promise<IDBDatabase> | undefined;
  let pageHidden = false;
  let stopWatchingPage: (() => void) | undefined;
  const running = new Set<IDBTransaction>();

  const disconnect = () => {
    current?.then(
      (database) => database.close(),
      () => {},
    );
    current = undefined;
  };

  const connect = (): Promise<IDBDatabase> => {
    if (current) return current;
    stopWatchingPage ??= onPageTransition(
      () => {
        pageHidden = true;
        // In a frozen page they would stay open, and block every other tab. What is committing is not aborted by this.
        for (const transaction of running) abort(transaction);
        disconnect();
      },
      () => {
        if (pageHidden) disconnect();
        pageHidden = false;
      },
    );
    const opening = openDatabase(name, backend);
    const forget = () => {
      if (current === opening) current = undefined;
    };
    opening.then((database) => {
      const lost = () => {
        forget();
        onLost?.();
      };
      database.onclose = lost;
      // Another tab wants to delete or upgrade the database: it would have to wait for us.
      database.onversionchange = () => {
        database.close();
        lost();
      };
    }, forget);
    current = opening;
    return opening;
  };

  const attempt: UseStore = async (mode, run) => {
    const opening = connect();
    let transaction: IDBTransaction | undefined;
    try {
      transaction = (await opening).transaction(objectStoreName, mode, { durability });
      running.add(transaction);
      const result = await run(transaction.objectStore(objectStoreName));
      // WebKit answers reads with nothing while the page goes away, which is not "absent".
      if ((pageHidden || current !== opening) && isEmpty(result)) throw undefined;
      return result;
    } catch (error) {
      if (current === opening) disconnect();
      throw transaction?.error ?? error ?? new DOMException('The transaction was aborted.', 'AbortError');
    } finally {
      running.delete(transaction!);
    }
  };

  return {
    use: (mode, run) =>
      attempt(mode, run)
        .catch((error: unknown) => {
          if (pageHidden || !deadConnection.test(String(readMember(error, 'name')))) throw error;
          return attempt(mode, run);
        })
        .catch((error: unknown) => {
          throw toStorageError(error, mode === 'readonly' ? 'read' : 'write', backend, {});
        }),
    close() {
      disconnect();
      stopWatchingPage?.();
      stopWatchingPage = undefined;
    },
  };
}

function abort(transaction: IDBTransaction): void {
  try {
    transaction.abort();
  } catch {
    // It has ended, or is committing.
  }
}

/** Whether a result says no more than "nothing found", in whatever form. */
function isEmpty(result: unknown): boolean {
  return result === undefined || result === false || (Array.isArray(result) && result.length === 0);
}
