import { once } from 'node:events';
import { createServer } from 'node:http';

/** Answers every refresh with new credentials and counts the requests; each answer takes as long as a real one may. */
export async function startTokenServer({ lifetime = 3600, delay = 50 } = {}) {
  const counts = { requests: 0, firstAnsweredAt: undefined };
  const answer = (request, response) => {
    response.setHeader('access-control-allow-origin', '*').setHeader('access-control-allow-headers', '*');
    // What a browser asks first is no request of a client's.
    if (request.method === 'OPTIONS') return response.writeHead(204).end();
    counts.requests += 1;
    const body = {
      access_token: `access-${counts.requests}`,
      refresh_token: `refresh-${counts.requests}`,
      token_type: 'Bearer',
      expires_in: lifetime,
      // Supabase's client takes no session without one.
      user: { id: 'user' },
    };
    return setTimeout(() => {
      counts.firstAnsweredAt ??= Date.now();
      response.setHeader('content-type', 'application/json');
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
