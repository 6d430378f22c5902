import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { INetworkModule, NetworkRequestOptions, NetworkResponse } from '@azure/msal-node';

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/**
 * A token endpoint that answers as Microsoft Entra does, and the network module that leads MSAL there (MSAL wants
 * https). A refresh token is `name:anything`, for the user of that name.
 */
export async function startEntraServer() {
  const server = createServer((request, response) => {
    const answer = async () => {
      const parameters = new URLSearchParams(await text(request));
      const name = parameters.get('refresh_token')?.split(':')[0] ?? '';
      const now = Math.floor(Date.now() / 1000);
      const claims = {
        oid: name,
        sub: name,
        tid: 'tenant',
        preferred_username: name,
        iat: now,
        exp: now + 3600,
      };
      return {
        token_type: 'Bearer',
        scope: 'User.Read openid profile offline_access',
        expires_in: 3600,
        ext_expires_in: 3600,
        access_token: randomUUID(),
        refresh_token: `${name}:${randomUUID()}`,
        client_info: encode({ uid: name, utid: 'tenant' }),
        id_token: `${encode({ alg: 'none', typ: 'JWT' })}.${encode({
          ...claims,
          aud: parameters.get('client_id'),
          iss: 'https://login.microsoftonline.com/tenant/v2.0',
          ver: '2.0',
        })}.`,
      };
    };
    answer().then(
      (body) => response.setHeader('content-type', 'application/json').end(JSON.stringify(body)),
      () => response.writeHead(500).end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const send = async <T>(method: string, url: string, options?: NetworkRequestOptions) => {
    const { pathname, search } = new URL(url);
    const response = await fetch(`${origin}${pathname}${search}`, {
      method,
      headers: options?.headers ?? {},
      ...(options?.body !== undefined && { body: options.body }),
    });
    const headers = Object.fromEntries(response.headers);
    return { headers, body: (await response.json()) as T, status: response.status } as NetworkResponse<T>;
  };
  const networkClient: INetworkModule = {
    sendGetRequestAsync: (url, options) => send('GET', url, options),
    sendPostRequestAsync: (url, options) => send('POST', url, options),
  };
  return {
    networkClient,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
