import type { AuthorizationServer, ClientAuth, TokenEndpointRequestOptions } from 'oauth4webapi';
import type { Credentials } from '../credentials/Credentials.js';
import { readMember } from '../errors/summarizeCause.js';
import { parseUrl } from '../fetch/parseUrl.js';
import { checkGrantOptions } from './checkGrantOptions.js';
import { discovery } from './discovery.js';
import type { GrantOptions, Refresh } from './GrantOptions.js';
import { loadOAuth4webapi, type OAuth4webapi } from './loadOAuth4webapi.js';
import { readTokens } from './readTokens.js';
import { requestOptions } from './requestOptions.js';

/** Sends the request of one grant. */
export type SendGrant = (
  oauth: OAuth4webapi,
  details: {
    readonly server: AuthorizationServer;
    readonly clientAuth: ClientAuth;
    readonly credentials: Credentials;
    readonly parameters: Record<string, string>;
    readonly request: TokenEndpointRequestOptions;
  },
) => Promise<Response>;

/** Makes a `refresh` option of one grant: discovery, the request, its repetition with a DPoP nonce, the answer. */
export function createGrant(options: GrantOptions, send: SendGrant): Refresh {
  checkGrantOptions(options);
  const { client, clientAuth, scope, resource, DPoP } = options;
  const findServer = discovery(options);
  const parameters = { ...(scope !== undefined && { scope }), ...(resource !== undefined && { resource }) };

  return async (credentials, { signal }) => {
    const oauth = await loadOAuth4webapi();
    const server = await findServer(oauth, signal);
    const details = {
      server,
      clientAuth: clientAuth ?? oauth.None(),
      credentials,
      parameters,
      request: {
        ...requestOptions(oauth, options, tokenEndpointOf(server)),
        signal,
        ...(DPoP && { DPoP }),
      },
    };
    const ask = async () => readTokens(oauth, server, client, await send(oauth, details));
    try {
      return await ask();
    } catch (error) {
      // The handle has kept the nonce by now (RFC 9449 §8).
      if (DPoP && oauth.isDPoPNonceError(readMember(error, 'cause'))) return ask();
      throw error;
    }
  };
}

function tokenEndpointOf({ token_endpoint: endpoint }: AuthorizationServer): URL {
  const url = parseUrl(endpoint);
  if (url) return url;
  throw new Error('The metadata of the authorization server has no "token_endpoint" that is a URL.');
}
