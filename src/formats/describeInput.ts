import type { Format, Members } from './Format.js';
import { knownFormats } from './knownFormats.js';

/** What was found, for an error: the names of the members that look like names, and never a value. */
export function describeMembers(input: Members): string {
  const names = Object.keys(input);
  return names.length === 0 ? 'an object without members' : `an object with ${listNames(names)}`;
}

/** Lists names, but for those that could be something else than a name: a token in the wrong place, say. */
export function listNames(names: readonly string[]): string {
  const shown = names.filter((name) => /^[A-Za-z_]{1,40}$/.test(name)).slice(0, 20);
  const others = names.length - shown.length;
  return [...shown, ...(others > 0 ? [`${others} of other names`] : [])].join(', ');
}

/** What was found where it is no plain object. */
export function describeOther(input: unknown): string {
  if (input === null) return 'null';
  if (Array.isArray(input)) return 'an array';
  if (typeof input === 'string') return 'a text (if it is JSON, pass what JSON.parse makes of it)';
  return typeof input === 'object' ? 'an object that is not plain' : `a value of type ${typeof input}`;
}

/** Says which format has the most members in common with the input. */
export function describeNearest(input: Members): string {
  const common = ({ usual }: Format): number => usual.filter((member) => Object.hasOwn(input, member)).length;
  const [nearest] = [...knownFormats].sort((left, right) => common(right) - common(left));
  if (!nearest || common(nearest) === 0) return '';
  return ` The nearest is "${nearest.name}": ${nearest.expected}.`;
}
