import { resolve } from 'node:path';
import type { StorageBackend } from './StorageBackend.js';
import { FileBackend } from './file/FileBackend.js';
import { stateDirectory } from './file/stateDirectory.js';

/** Where the files are kept: in the platform's place for an application's state, or in a directory of your own. */
export type FileBackendOptions =
  | {
      /** The name of the application: `~/.local/state/<app>/credentials` on Linux, its like elsewhere. */
      readonly app: string;
      readonly directory?: undefined;
    }
  | {
      /** A directory that nothing else uses. It is created when needed, and closed to other users. */
      readonly directory: string;
      readonly app?: undefined;
    };

/**
 * Keeps each credential in a file of its own, readable by its user only.
 *
 * Safe to use from many processes of one host at a time: a write is all or nothing, is on the disk when its
 * promise resolves, and never overwrites what another process wrote meanwhile. Nothing is touched before the
 * first use. The directory has to be on a file system with atomic rename. A credential may take 16 MiB. Run as
 * root in another user's directory, it makes files for that user.
 *
 * @throws {TypeError} for options it can't use, and for `app` where the system knows no home directory.
 *
 * @example
 * ```ts
 * import { createCredentialStore } from 'shelflife';
 * import { fileBackend } from 'shelflife/file';
 *
 * const store = createCredentialStore({ storage: fileBackend({ app: 'my-tool' }) });
 * ```
 */
export function fileBackend(options: FileBackendOptions): StorageBackend {
  return new FileBackend(directoryOf(options));
}

function directoryOf(options: unknown): string {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError('fileBackend: `options` must be an object with `app` or `directory`.');
  }
  const { app, directory } = options as { app?: unknown; directory?: unknown };
  if ((app === undefined) === (directory === undefined)) {
    throw new TypeError('fileBackend: pass either `app` or `directory`, and not both.');
  }
  if (app === undefined) return resolve(requireText(directory, 'directory'));
  return stateDirectory(requireText(app, 'app'));
}

function requireText(value: unknown, option: string): string {
  if (typeof value === 'string' && value !== '' && !value.includes('\0')) return value;
  throw new TypeError(`fileBackend: \`${option}\` must be a string that is not empty and has no NUL.`);
}
