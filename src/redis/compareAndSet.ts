import type { Connection } from './Connection.js';
import { Script } from './Script.js';

/**
 * KEYS: the value, its quarantined copy. ARGV: what is expected, what comes next ('' for absent, else '=' and the
 * text), the channel, the message.
 *
 * That `next` is there already is success: values never repeat, so it is this very write, which a client sent
 * again after it lost the connection before the answer came.
 */
const script = /* @__PURE__ */ new Script(`
local function optional(argument)
  if argument == '' then return false end
  return string.sub(argument, 2)
end
local stored = redis.call('GET', KEYS[1])
local expected = optional(ARGV[1])
local next = optional(ARGV[2])
if stored ~= expected then
  if next and stored == next then return 1 end
  return 0
end
if next then
  redis.call('SET', KEYS[1], next)
else
  redis.call('DEL', KEYS[1], KEYS[2])
end
redis.call('PUBLISH', ARGV[3], ARGV[4])
return 1
`);

/** Writes `next` only if the stored value is `expected`, and tells it on a channel; in one step on the server. */
export async function compareAndSet(
  connection: Connection,
  keys: readonly [value: string, quarantine: string],
  { expected, next }: { readonly expected: string | undefined; readonly next: string | undefined },
  { channel, message }: { readonly channel: string; readonly message: string },
): Promise<boolean> {
  const args = [optional(expected), optional(next), channel, message];
  return Number(await script.run(connection, keys, args)) === 1;
}

function optional(text: string | undefined): string {
  return text === undefined ? '' : `=${text}`;
}
