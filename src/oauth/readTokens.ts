import type { AuthorizationServer, Client } from 'oauth4webapi';
import type { CredentialsInput } from '../credentials/Credentials.js';
import { readMember } from '../errors/summarizeCause.js';
import type { OAuth4webapi } from './loadOAuth4webapi.js';
import { serverFailure } from './serverFailure.js';

/**
 * Reads the answer of a token endpoint (RFC 6749 §5.1), member by member as the server spelled it.
 *
 * An answer with an access token is taken even where something else in it does not conform: the server may have rotated
 * the refresh token, and these are the only live tokens then. An `id_token` that could not be validated is left out.
 */
export async function readTokens(
  oauth: OAuth4webapi,
  server: AuthorizationServer,
  client: Client,
  response: Response,
): Promise<CredentialsInput> {
  const copy = response.clone();
  const cause = await oauth.processRefreshTokenResponse(server, client, response).then(
    () => undefined,
    (error: unknown) => error,
  );
  const body = await readJson(copy);
  if (copy.status !== 200 || typeof readMember(body, 'access_token') !== 'string')
    throw serverFailure('The token endpoint', copy, { body, cause });
  const { id_token: idToken, ...tokens } = body as Record<string, unknown>;
  return cause || !idToken ? tokens : { ...tokens, id_token: idToken };
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return undefined;
  }
}
