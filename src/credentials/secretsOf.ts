import { isObject } from '../credentials/copyPlain.js';

/** What holds secrets is called: `access_token`, `id_tokens`, `client_secret`, `deviceSecret`, … */
const secret = /(token|secret)s?$/i;

/** The tokens and secrets in credentials, at any depth; all that is below a member of such a name. */
export function secretsOf(value: unknown, isSecret = false): string[] {
  if (typeof value === 'string') return isSecret ? [value] : [];
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) => secretsOf(inner, isSecret || secret.test(name)));
}
