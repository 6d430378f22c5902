/** A process that counts in records of a fallback over two directories, and tells each number that was acknowledged; -1 where a record is gone. */
import { fallbackBackend } from '../../src/fallback/fallback.js';
import { fileBackend } from '../../src/storage/file.js';

const [high = '', low = '', ...keys] = process.argv.slice(2);

async function main(): Promise<void> {
  const backend = fallbackBackend([fileBackend({ directory: high }), fileBackend({ directory: low })]);
  for (;;) {
    for (const key of keys) {
      const value = await backend.get(key);
      if (value === undefined) {
        process.send?.({ key, next: -1 });
        continue;
      }
      const next = Number.parseInt(value, 10) + 1;
      if (await backend.compareAndSet(key, value, `${next} by ${process.pid}`)) process.send?.({ key, next });
    }
  }
}

process.on('disconnect', () => process.exit(0));
void main();
