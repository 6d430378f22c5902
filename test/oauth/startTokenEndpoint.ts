import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What to send as a response: of tokens an object, of anything else a text with its headers. */
export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | object;
}

export interface TokenEndpoint {
  readonly issuer: string;
  /** The paths asked for, in order. */
  readonly paths: string[];
  /** The parameters of the token requests, in order. */
  readonly requests: URLSearchParams[];
  /** What is answered from now on, by path. `undefined`: the answer never comes. */
  readonly answers: Record<string, Answer | undefined>;
  close(): Promise<void>;
}

/** A server that answers as it is told to, for what a real authorization server does only on a bad day. */
export async function startTokenEndpoint(answer: Answer = {}): Promise<TokenEndpoint> {
  const paths: string[] = [];
  const requests: URLSearchParams[] = [];
  const answers: Record<string, Answer | undefined> = { '/token': answer };

  const server = createServer((request, response) => {
    const path = request.url ?? '';
    paths.push(path);
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => (text += part));
    request.on('end', () => {
      if (path === '/token') requests.push(new URLSearchParams(text));
      const isKnown = path in answers;
      const { status = isKnown ? 200 : 404, headers = {}, body = '' } = answers[path] ?? {};
      if (isKnown && !answers[path]) return;
      const type = typeof body === 'object' ? { 'content-type': 'application/json' } : {};
      response.writeHead(status, { ...type, ...headers });
      response.end(typeof body === 'object' ? JSON.stringify(body) : body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  answers['/.well-known/openid-configuration'] = { body: { issuer, token_endpoint: `${issuer}/token` } };

  return {
    issuer,
    paths,
    requests,
    answers,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
