import { readMember } from '../errors/summarizeCause.js';
import type { CredentialEntry } from '../store/CredentialEntry.js';
import type { FetchOptions } from './FetchOptions.js';
import { parseUrl } from './parseUrl.js';

/** RFC 9110 §5.6.2: what a scheme may consist of. */
const token = /^[\w!#$%&'*+.^`|~-]+$/;

/** @throws {TypeError} that names the option. */
export function checkFetchOptions(
  entry: CredentialEntry,
  options: FetchOptions,
): { readonly origins: ReadonlySet<string>; readonly scheme: string } {
  if (typeof readMember(entry, 'getAccessToken') !== 'function')
    throw new TypeError('createFetch: expected the entry of a store, as store.entry() gives it.');
  const origins = readMember(options, 'origins');
  if (!Array.isArray(origins) || origins.length === 0) {
    throw new TypeError(
      'The option "origins" must name where the access token may go, as in { origins: ["https://api.example"] }.',
    );
  }
  const { fetch: send, scheme = 'Bearer' } = options;
  if (send !== undefined && typeof send !== 'function')
    throw new TypeError('The option "fetch" must be a function.');
  if (typeof scheme !== 'string' || !token.test(scheme))
    throw new TypeError(
      'The option "scheme" must be the name of an authentication scheme, such as "Bearer".',
    );
  return { origins: new Set(origins.map(originOf)), scheme };
}

function originOf(value: unknown): string {
  const url = parseUrl(value);
  const isOrigin =
    url && /^https?:$/.test(url.protocol) && url.pathname === '/' && !url.search && !url.username;
  if (isOrigin) return url.origin;
  throw new TypeError(
    'The option "origins" must hold origins, such as "https://api.example": http or https, and without a path, which would not limit where the token goes.',
  );
}
