import type { CredentialEntry } from '../store/CredentialEntry.js';
import { checkFetchOptions } from './checkFetchOptions.js';
import type { FetchOptions } from './FetchOptions.js';
import { canBeRepeated, type FetchInput, headersOf, isRequest, withAuthorization } from './request.js';

/**
 * Makes a `fetch` that sends the access token of an entry, to the named origins only.
 *
 * It waits until there is a good token. On a 401 it invalidates the token it sent, waits for another one and tries once
 * more; any number of requests at once cause one refresh. The 401 is given back where there is no other token to be had
 * (`entry.expiry` says why), where the body is a stream, which can't be sent twice, where another origin answered, and
 * where the token that came of an earlier 401 was refused too. An `Authorization` header of the caller's wins. A redirect
 * to another origin never carries the token: the Fetch standard takes it off.
 *
 * @throws {TypeError} for an option of the wrong type, at once: `origins` is required.
 * @throws {NoCredentialsError | CredentialsExpiredError | RefreshRejectedError | RefreshFailedError} from the function
 * made, where there is no good token to send: nothing was sent then.
 *
 * @example
 * ```ts
 * const fetchWithToken = createFetch(session, { origins: ['https://api.example'] });
 * const response = await fetchWithToken('https://api.example/me', { signal });
 * ```
 */
export function createFetch(entry: CredentialEntry, options: FetchOptions): typeof fetch {
  const { origins, scheme } = checkFetchOptions(entry, options);
  /** The token each origin refused though it was new: a further one would be refused as well. */
  const refused = new Map<string, string>();
  const send: typeof fetch = (input, init) => (options.fetch ?? globalThis.fetch)(input, init);

  return async (input: FetchInput, init?: RequestInit): Promise<Response> => {
    // The host resolves relative URLs, and says what is wrong with others.
    const { origin } = new URL(isRequest(input) ? input.url : new Request(input).url);
    if (!origins.has(origin) || headersOf(input, init).has('authorization')) return send(input, init);

    const signal = init?.signal ?? (isRequest(input) ? input.signal : undefined);
    const getToken = (): Promise<string> => entry.getAccessToken(signal ? { signal } : {});
    const sendWith = (token: string): Promise<Response> =>
      send(...withAuthorization(input, init, `${scheme} ${token}`));

    const token = await getToken();
    const response = await sendWith(token);
    const isOurs = response.status === 401 && isFrom(origin, response);
    if (!isOurs || !canBeRepeated(init?.body) || refused.get(origin) === token) return response;

    let nextToken: string;
    try {
      await entry.invalidate(token);
      nextToken = await getToken();
    } catch {
      signal?.throwIfAborted();
      return response;
    }
    await response.body?.cancel();
    const nextResponse = await sendWith(nextToken);
    if (nextResponse.status === 401 && isFrom(origin, nextResponse)) refused.set(origin, nextToken);
    return nextResponse;
  };
}

/** A response made by hand has no URL. */
function isFrom(origin: string, { url }: Response): boolean {
  return !url || new URL(url).origin === origin;
}
