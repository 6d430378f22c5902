import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { AuthorizationServer } from '../../examples/authorization-server/startAuthorizationServer.mjs';

/** A Model Context Protocol server with one tool, for those whose token the authorization server knows. */
export async function startMcpServer(authorization: AuthorizationServer) {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.url?.startsWith('/.well-known/oauth-protected-resource')) {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ resource: url, authorization_servers: [authorization.issuer] }));
      return;
    }
    const token = request.headers.authorization ?? '';
    const known = await fetch(authorization.userinfoEndpoint, { headers: { authorization: token } });
    await known.arrayBuffer();
    if (!known.ok) {
      response.setHeader('www-authenticate', 'Bearer error="invalid_token"');
      response.writeHead(401).end();
      return;
    }
    const mcp = new McpServer({ name: 'test', version: '1.0.0' });
    mcp.registerTool('greet', { description: 'Says hello' }, () => ({
      content: [{ type: 'text', text: 'hello' }],
    }));
    const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
    await mcp.connect(transport);
    await transport.handleRequest(request, response);
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  return {
    url,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
