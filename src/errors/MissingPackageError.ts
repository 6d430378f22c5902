import { StorageUnavailableError } from './StorageUnavailableError.js';

/** A package that a backend needs can't be loaded. Waiting does not install it. */
export class MissingPackageError extends StorageUnavailableError {
  override readonly retryable = false;
}

/** What to say where an optional package can't be loaded. */
export const missingPackage = (subpath: string, name: string): string =>
  `${subpath} needs the package "${name}", which can't be loaded. Install it: npm install ${name}`;
