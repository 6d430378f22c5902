import { isObject } from './copyPlain.js';
import type { Credentials } from './Credentials.js';
import { isDate } from './parseInstant.js';

/** A member that holds a token by its name, and a text that looks like one: a JWT, say. */
const isToken = (name: string, value: unknown): boolean =>
  typeof value === 'string' && (/token$/i.test(name) || /\S{21}/.test(value));

/** How a value is shown; in a list, it is the name of the list that counts. */
function show(value: unknown, name = ''): string {
  if (isToken(name, value)) return '[redacted]';
  if (isDate(value)) return value.toJSON();
  if (!isObject(value)) return typeof value === 'string' ? JSON.stringify(value) : String(value);
  if (Array.isArray(value)) return `[${value.map((item) => show(item, name)).join(', ')}]`;
  return `{ ${Object.entries(value)
    .map(([member, inner]) => `${member}: ${show(inner, member)}`)
    .join(', ')} }`;
}

function toString(this: Credentials): string {
  return `Credentials ${show(this)}`;
}

/**
 * Has credentials shown without their tokens by `console.log` of Node, Bun and Deno, in template strings and wherever
 * `toString` is asked. Members, copies and JSON stay as they are, for what is added can't be enumerated.
 */
export function concealTokens(credentials: Credentials): Credentials {
  for (const name of ['toString', Symbol.for('nodejs.util.inspect.custom')])
    if (!Object.hasOwn(credentials, name)) Object.defineProperty(credentials, name, { value: toString });
  return credentials;
}
