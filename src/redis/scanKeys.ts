import { type Connection, type Reply, textOf } from './Connection.js';
import type { RedisKeys } from './RedisKeys.js';

/** How many names a server looks at in one step, in which it serves nobody else. */
const step = '1000';

/** Lists the keys that begin with a prefix, on every server that has keys of its own. */
export async function* scanKeys(
  connection: Connection,
  keys: RedisKeys,
  prefix: string,
): AsyncGenerator<string> {
  const pattern = keys.pattern(connection.keyPrefix, prefix);
  // A scan may give a name twice, and so do two servers while a slot moves from one to the other.
  const seen = new Set<string>();
  for (const send of await connection.primaries()) {
    let cursor = '0';
    do {
      const [next, names] = (await send(['SCAN', cursor, 'MATCH', pattern, 'COUNT', step])) as [
        Reply,
        Reply[],
      ];
      cursor = textOf(next);
      for (const name of names) {
        const key = keys.keyOf(connection.keyPrefix, textOf(name));
        if (seen.has(key)) continue;
        seen.add(key);
        yield key;
      }
    } while (cursor !== '0');
  }
}
