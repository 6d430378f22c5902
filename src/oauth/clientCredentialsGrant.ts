import { createGrant } from './createGrant.js';
import type { GrantOptions, Refresh } from './GrantOptions.js';

/**
 * Makes the `refresh` option of a store for a program that acts for itself: it asks a token endpoint by the client
 * credentials grant (RFC 6749 §4.4), each time anew.
 *
 * There is no sign-in: store `{}` once, which is queued for refresh. It needs the package oauth4webapi, which is loaded
 * with the first request. Failures are those of `refreshGrant`.
 *
 * @throws {TypeError} for an option of the wrong type, at once.
 *
 * @example
 * ```ts
 * const service = createCredentialStore({
 *   storage: fileBackend({ app: 'my-service' }),
 *   refresh: clientCredentialsGrant({
 *     issuer: 'https://accounts.example',
 *     client: { client_id: 'my-service' },
 *     clientAuth: ClientSecretBasic(process.env.CLIENT_SECRET),
 *   }),
 * }).entry();
 * if (!(await service.get())) await service.set({});
 * ```
 */
export function clientCredentialsGrant(options: GrantOptions): Refresh {
  return createGrant(options, (oauth, { server, clientAuth, parameters, request }) =>
    oauth.clientCredentialsGrantRequest(server, options.client, clientAuth, parameters, request),
  );
}
