import { CorruptRecordError } from '../../errors/CorruptRecordError.js';
import { decodeText } from './decodeText.js';
import { fileNameOf, oldFileNameOf } from './fileNameOf.js';
import type { PrivateDirectory } from './PrivateDirectory.js';
import { readPrivately } from './readPrivately.js';

/** What is stored under a key. A thing that is no record counts as nothing, and is in the way. */
export interface Stored {
  readonly text: string | undefined;
  /** The name, without extension, under which it is. */
  readonly name: string;
  readonly isInTheWay?: boolean;
}

/** Finds the value of a key: under its name, or under the one that version 0.1.0 gave. */
export async function findStored(directory: PrivateDirectory, key: string): Promise<Stored> {
  for (const name of namesOf(key)) {
    try {
      const bytes = await readPrivately(directory.file(`${name}.json`));
      if (bytes) return { text: decodeText(bytes), name };
    } catch (error) {
      unlessNoRecord(error);
      return { text: undefined, name, isInTheWay: true };
    }
  }
  return { text: undefined, name: fileNameOf(key) };
}

/** The names of a key, the one of today first. A record under the old one gets the new one with its next write. */
export function namesOf(key: string): string[] {
  return [...new Set([fileNameOf(key), oldFileNameOf(key)])];
}

/** Takes a thing that is no record for `undefined`, and throws every other error. */
export function unlessNoRecord(error: unknown): undefined {
  if (error instanceof CorruptRecordError) return undefined;
  throw error;
}
