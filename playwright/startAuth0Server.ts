import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Answers as Auth0 does: everybody is signed in at once, and a refresh token is accepted once. */
export async function startAuth0Server() {
  const nonces = new Map<string, string>();
  const refreshTokens = new Set<string>();
  const seen = { refreshes: 0, refusals: 0 };

  const issue = (clientId: string, nonce?: string) => {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: `${origin}/`, sub: 'ada', aud: clientId, iat: now, exp: now + 3600, nonce };
    const refresh_token = randomUUID();
    refreshTokens.add(refresh_token);
    return {
      access_token: randomUUID(),
      refresh_token,
      id_token: `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode(claims)}.c2lnbmF0dXJl`,
      scope: 'openid profile email offline_access',
      expires_in: 3600,
      token_type: 'Bearer',
    };
  };

  const exchange = async (request: IncomingMessage): Promise<readonly [status: number, body: object]> => {
    const parameters = new URLSearchParams(await text(request));
    const clientId = parameters.get('client_id') ?? '';
    if (parameters.get('grant_type') === 'authorization_code') {
      return [200, issue(clientId, nonces.get(parameters.get('code') ?? ''))];
    }
    if (refreshTokens.delete(parameters.get('refresh_token') ?? '')) {
      seen.refreshes += 1;
      return [200, issue(clientId)];
    }
    seen.refusals += 1;
    return [403, { error: 'invalid_grant', error_description: 'Unknown or invalid refresh token.' }];
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://loopback');
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-allow-headers', '*');
    if (url.pathname === '/authorize') {
      const code = randomUUID();
      nonces.set(code, url.searchParams.get('nonce') ?? '');
      const back = new URL(url.searchParams.get('redirect_uri') ?? '');
      back.search = String(new URLSearchParams({ code, state: url.searchParams.get('state') ?? '' }));
      response.writeHead(302, { location: back.href }).end();
      return;
    }
    if (request.method !== 'POST' || url.pathname !== '/oauth/token') {
      response.writeHead(204).end();
      return;
    }
    const [status, body] = await exchange(request);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    seen,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
