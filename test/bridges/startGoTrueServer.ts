import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

const user = { id: '1', aud: 'authenticated', role: 'authenticated', email: 'ada@example.com' };

/** The part of Supabase's GoTrue that a session needs, with refresh tokens that rotate and are accepted once. */
export async function startGoTrueServer() {
  const refreshTokens = new Set<string>();
  const accessTokens = new Set<string>();
  const seen = { refreshes: 0, refusals: 0 };

  const issue = () => {
    const expires_at = Math.floor(Date.now() / 1000) + 3600;
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const access_token = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: user.id, exp: expires_at, jti: randomUUID() })}.c2ln`;
    const refresh_token = randomUUID();
    accessTokens.add(access_token);
    refreshTokens.add(refresh_token);
    return { access_token, token_type: 'bearer', expires_in: 3600, expires_at, refresh_token, user };
  };

  const answer = async (request: IncomingMessage): Promise<readonly [status: number, body?: object]> => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://loopback');
    const token = request.headers.authorization?.replace('Bearer ', '') ?? '';
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += chunk;
    if (pathname === '/token' && searchParams.get('grant_type') === 'password') return [200, issue()];
    if (pathname === '/token') {
      const { refresh_token = '' } = JSON.parse(text) as { refresh_token?: string };
      if (!refreshTokens.delete(refresh_token)) {
        seen.refusals += 1;
        return [
          400,
          { error_code: 'refresh_token_already_used', msg: 'Invalid Refresh Token: Already Used' },
        ];
      }
      seen.refreshes += 1;
      return [200, issue()];
    }
    if (!accessTokens.has(token)) return [401, { error_code: 'bad_jwt', msg: 'invalid JWT' }];
    if (pathname === '/user') return [200, user];
    if (pathname !== '/logout') return [404, {}];
    refreshTokens.clear();
    accessTokens.clear();
    return [204];
  };

  const server = createServer((request, response) => {
    answer(request).then(
      ([status, body]) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(body && JSON.stringify(body));
      },
      () => response.writeHead(500).end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
