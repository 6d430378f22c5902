import { type BigIntStats, closeSync, readFileSync } from 'node:fs';
import { openRegularSync } from './openRegular.js';

/** Reads a small file at once, with its status: that of the moment, also where a network file system keeps older ones. */
export function readTextSync(path: string): { readonly text: string; readonly status: BigIntStats } {
  const { file, status } = openRegularSync(path);
  try {
    return { text: readFileSync(file, 'utf8'), status };
  } finally {
    closeSync(file);
  }
}
