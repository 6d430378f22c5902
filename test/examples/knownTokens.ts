import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Every token kept in a directory, for a search that must find none of them in what a program printed. */
export async function knownTokens(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const texts = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => readFile(join(entry.parentPath, entry.name), 'utf8')),
  );
  return texts.flatMap((text) =>
    [...text.matchAll(/"(?:access|refresh|id)_token":"([^"]+)"/g)].map((match) => match[1] ?? ''),
  );
}
