import { once } from 'node:events';
import { createServer } from 'node:http';

/** Answers every refresh with new credentials and counts the requests; each answer takes as long as a real one may. */
export async function startTokenServer({ lifetime = 3600, delay = 50 } = {}) {
  const counts = { requests: 0, firstAnsweredAt: undefined };
  const answer = (_request, response) => {
    counts.requests += 1;
    const body = {
      access_token: `access-${counts.requests}`,
      refresh_token: `refresh-${counts.requests}`,
      token_type: 'Bearer',
      expires_in: lifetime,
    };
    setTimeout(() => {
      counts.firstAnsweredAt ??= Date.now();
      response.setHeader('content-type', 'application/json').setHeader('access-control-allow-origin', '*');
      response.end(JSON.stringify(body));
    }, delay);
  };
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    counts,
    url: `http://127.0.0.1:${server.address().port}/token`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
