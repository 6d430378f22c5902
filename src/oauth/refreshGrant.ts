import { RefreshRejectedError } from '../errors/RefreshRejectedError.js';
import { createGrant } from './createGrant.js';
import type { GrantOptions, Refresh } from './GrantOptions.js';

/**
 * Makes the `refresh` option of a store: it asks a token endpoint by the refresh token grant (RFC 6749 §6).
 *
 * It needs the package oauth4webapi, which is loaded with the first request. What is answered is merged and stored by
 * the store. A failure the server says is final becomes a `RefreshRejectedError` there; everything else (no network,
 * a 503, a page of HTML) a `RefreshFailedError`, with the status in its cause and `Retry-After` in `retryAfter`.
 *
 * @throws {TypeError} for an option of the wrong type, at once.
 * @throws {RefreshRejectedError} from the callback, where there is no refresh token.
 *
 * @example
 * ```ts
 * const session = createCredentialStore({
 *   storage: indexedDBBackend(),
 *   refresh: refreshGrant({ issuer: 'https://accounts.example', client: { client_id: 'my-app' } }),
 * }).entry();
 * ```
 */
export function refreshGrant(options: GrantOptions): Refresh {
  const ask = createGrant(options, (oauth, { server, clientAuth, credentials, parameters, request }) =>
    oauth.refreshTokenGrantRequest(server, options.client, clientAuth, credentials.refresh_token ?? '', {
      ...request,
      additionalParameters: parameters,
    }),
  );
  return async (credentials, context) => {
    if (credentials.refresh_token) return ask(credentials, context);
    throw new RefreshRejectedError(
      'There is no refresh token to ask with: sign in, with the scope the server wants for one (often "offline_access").',
    );
  };
}
