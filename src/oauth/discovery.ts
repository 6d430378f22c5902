import type { AuthorizationServer } from 'oauth4webapi';
import type { GrantOptions } from './GrantOptions.js';
import type { OAuth4webapi } from './loadOAuth4webapi.js';
import { requestOptions } from './requestOptions.js';
import { serverFailure } from './serverFailure.js';

/** Finds the metadata of the server: discovered once, and again only after a failure. */
export type FindServer = (oauth: OAuth4webapi, signal: AbortSignal) => Promise<AuthorizationServer>;

export function discovery(options: GrantOptions): FindServer {
  const { issuer } = options;
  if (typeof issuer === 'object' && 'issuer' in issuer) return async () => issuer;
  const url = new URL(issuer);
  let found: Promise<AuthorizationServer> | undefined;
  return (oauth, signal) => {
    found ??= discover(oauth, url, { ...requestOptions(oauth, options, url), signal }).catch(
      (error: unknown) => {
        found = undefined;
        throw error;
      },
    );
    return found;
  };
}

async function discover(
  oauth: OAuth4webapi,
  issuer: URL,
  options: ReturnType<typeof requestOptions> & { readonly signal: AbortSignal },
): Promise<AuthorizationServer> {
  let response = await oauth.discoveryRequest(issuer, options);
  // A server of plain OAuth 2.0 publishes its metadata at the place of RFC 8414.
  if (response.status === 404)
    response = await oauth.discoveryRequest(issuer, { ...options, algorithm: 'oauth2' });
  try {
    return await oauth.processDiscoveryResponse(issuer, response);
  } catch (cause) {
    if (response.status !== 200 || (cause as { code?: unknown }).code !== oauth.JSON_ATTRIBUTE_COMPARISON)
      throw serverFailure(`The discovery of ${issuer.href}`, response, { cause });
    throw new Error(
      `The metadata found at ${issuer.href} is that of another issuer. The option "issuer" must be spelled as the server spells it, or be the metadata itself.`,
      { cause },
    );
  }
}
