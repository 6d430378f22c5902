import { realpath } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { parse } from 'node:path';

/** Directories that other programs use too: the root, the home and the one for temporary files, as far as the system names them. */
export async function sharedPlaces(path: string): Promise<string[]> {
  // A user without an entry in the system's list has no home, and Deno asks for a permission to tell it.
  const named = [homedir, tmpdir].flatMap((find) => {
    try {
      return [find()];
    } catch {
      return [];
    }
  });
  const resolved = named.map((place) => realpath(place).catch(() => place));
  return [parse(path).root, ...(await Promise.all(resolved))];
}
