import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What a durable replacement asks of the system, and nothing beside: the physical limit of a write. */
export async function replaceFile(path, text) {
  const temporary = `${path}.tmp`;
  const file = await open(temporary, 'w', 0o600);
  await file.writeFile(text);
  await file.sync();
  await file.close();
  await rename(temporary, path);
  const parent = await open(dirname(path), 'r');
  await parent.sync();
  await parent.close();
}
