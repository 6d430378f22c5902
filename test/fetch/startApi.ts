import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as the API saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly referrer: string | undefined;
  readonly body: string;
}

export interface Api {
  readonly origin: string;
  readonly seen: SeenRequest[];
  /** The values of `Authorization` it accepts; anything else is a 401. */
  readonly accepted: Set<string>;
  close(): Promise<void>;
}

/**
 * A protected resource for pages of any origin: `/redirect?to=<url>` leads elsewhere, `/never` does not answer, anything
 * else answers with what it saw.
 */
export async function startApi(): Promise<Api> {
  const seen: SeenRequest[] = [];
  const accepted = new Set<string>();

  const server = createServer((request, response) => {
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-allow-headers', '*, authorization');
    response.setHeader('access-control-allow-methods', '*');
    if (request.method === 'OPTIONS') {
      response.end();
      return;
    }
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => (body += part));
    request.on('end', () => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://loopback');
      const { authorization, referer: referrer } = request.headers;
      const entry = { method: request.method ?? '', path: pathname, authorization, referrer, body };
      seen.push(entry);
      if (pathname === '/never') return;
      if (pathname === '/redirect') {
        response.writeHead(307, { location: searchParams.get('to') ?? '/' }).end();
        return;
      }
      const isAccepted = authorization !== undefined && accepted.has(authorization);
      response.writeHead(isAccepted ? 200 : 401, { 'content-type': 'application/json' });
      response.end(JSON.stringify(entry));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    accepted,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
