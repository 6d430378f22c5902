import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname } from 'node:path';

const repository = new URL('../../', import.meta.url);
const types = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.map': 'application/json',
};
const packageFolders = [
  '/dist/',
  '/node_modules/copy-anything/dist/',
  '/node_modules/idb-keyval/dist/',
  '/node_modules/jose/dist/webapi/',
  '/node_modules/oauth4webapi/build/',
  '/node_modules/superjson/dist/',
];

/** Serves the page, the built package and the packages it imports, on loopback: no bundler has a part in it. */
export async function startPageServer({ port = 0, issuer, clientId, leeway = 3, folder = import.meta.url }) {
  const settings = JSON.stringify({ issuer, clientId, leeway });
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://loopback');
    const path = pathname === '/' ? '/index.html' : pathname;
    response.setHeader('cache-control', 'no-store');
    try {
      const body = path === '/settings.json' ? settings : await readFile(locate(path, folder));
      response.setHeader('content-type', `${types[extname(path)] ?? 'text/plain'}; charset=utf-8`);
      response.end(body);
    } catch {
      response.writeHead(404).end('Not found\n');
    }
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');

  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

// `pathname` has its dot segments resolved, so a path below one of the folders stays there.
function locate(path, folder) {
  if (packageFolders.some((start) => path.startsWith(start))) return new URL(`.${path}`, repository);
  if (/^\/[\w-][\w.-]*$/.test(path)) return new URL(`.${path}`, folder);
  throw new Error('Not served');
}
