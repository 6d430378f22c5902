import { serverWord } from './serverWord.js';
import type { ShelflifeErrorOptions } from './ShelflifeError.js';
import { summarizeCause } from './summarizeCause.js';

/** Keeps the server's error code of a cause, wherever it is in it: the summary would leave it out. */
export function refusalCause(options: ShelflifeErrorOptions): ShelflifeErrorOptions {
  const { cause } = options;
  const { code } = serverWord([cause]);
  return code === undefined ? options : { ...options, cause: { ...summarizeCause(cause), code } };
}
