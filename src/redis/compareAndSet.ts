import type { Connection } from './Connection.js';
import { Script } from './Script.js';

/**
 * KEYS: the value, its quarantined copy. ARGV: what is expected, what comes next (each 'present' or 'absent', and the
 * text), the channel, the message.
 *
 * That `next` is there already is success: values never repeat, so it is this very write, which a client sent
 * again after it lost the connection before the answer came.
 */
const script = /* @__PURE__ */ new Script(`
local stored = redis.call('GET', KEYS[1])
local expected = ARGV[1] == 'present' and ARGV[2]
local next = ARGV[3] == 'present' and ARGV[4]
if stored ~= expected then
  if next and stored == next then return 1 end
  return 0
end
if next then
  redis.call('SET', KEYS[1], next)
else
  redis.call('DEL', KEYS[1], KEYS[2])
end
redis.call('PUBLISH', ARGV[5], ARGV[6])
return 1
`);

/** Writes `next` only if the stored value is `expected`, and tells it on a channel; in one step on the server. */
export async function compareAndSet(
  connection: Connection,
  keys: readonly [value: string, quarantine: string],
  { expected, next }: { readonly expected: string | undefined; readonly next: string | undefined },
  { channel, message }: { readonly channel: string; readonly message: string },
): Promise<boolean> {
  const args = [...optional(expected), ...optional(next), channel, message];
  return Number(await script.run(connection, keys, args)) === 1;
}

function optional(text: string | undefined): [string, string] {
  return text === undefined ? ['absent', ''] : ['present', text];
}
