import { isObject } from '../credentials/copyPlain.js';

/** The tokens in credentials, at any depth and whatever their members are called: `access_token`, `id_token`, … */
export function secretsOf(value: unknown, name = ''): string[] {
  if (typeof value === 'string') return /token$/i.test(name) ? [value] : [];
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([member, inner]) =>
    // In a list, it is the name of the list that counts.
    secretsOf(inner, Array.isArray(value) ? name : member),
  );
}
