import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const repository = new URL('../', import.meta.url);

/** Where the bare specifiers lead. Workers know no import map, so the server writes the paths into the modules. */
const packages: Record<string, string> = {
  shelflife: '/dist/index.js',
  'shelflife/indexeddb': '/dist/indexeddb.js',
  'shelflife/local-storage': '/dist/local-storage.js',
  'shelflife/fetch': '/dist/fetch.js',
  'shelflife/encrypted': '/dist/encrypted.js',
  jose: '/node_modules/jose/dist/webapi/index.js',
  'idb-keyval': '/node_modules/idb-keyval/dist/index.js',
  superjson: '/node_modules/superjson/dist/index.js',
  'copy-anything': '/node_modules/copy-anything/dist/index.js',
};

const library = `
  import * as core from 'shelflife';
  import * as indexedDB from 'shelflife/indexeddb';
  import * as localStorage from 'shelflife/local-storage';
  import * as encrypted from 'shelflife/encrypted';
  import * as fetchModule from 'shelflife/fetch';
  globalThis.shelflife = { ...core, ...indexedDB, ...localStorage, ...fetchModule, ...encrypted };
`;

/** Answers `{ id, source, argument }` with what the source of a function gives in the worker. */
const worker = `
  ${library}
  globalThis.onmessage = async ({ data: { source, argument } }) => {
    postMessage(await (0, eval)('(' + source + ')')(argument));
  };
  postMessage('ready');
`;

const made: Record<string, readonly [type: string, body: string]> = {
  '/': [
    'text/html',
    '<!doctype html><title>shelflife</title><script type="module" src="/library.js"></script>',
  ],
  '/elsewhere': ['text/html', '<!doctype html><title>elsewhere</title>'],
  '/clear-site-data': ['text/plain', 'Cleared'],
  '/library.js': ['text/javascript', library],
  '/worker.js': ['text/javascript', worker],
};

/** Serves the built package, and a page and a worker with it as `globalThis.shelflife`, on loopback. */
export async function startModuleServer(): Promise<{ readonly origin: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://loopback');
    // No `no-store`: it would keep pages out of the back/forward cache.
    // Sandboxed frames are of another origin.
    response.setHeader('access-control-allow-origin', '*');
    if (pathname === '/clear-site-data') response.setHeader('clear-site-data', '"storage"');
    answer(pathname).then(
      ([type, body]) => response.setHeader('content-type', `${type}; charset=utf-8`).end(body),
      () => response.writeHead(404).end('Not found\n'),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function answer(pathname: string): Promise<readonly [type: string, body: string]> {
  const [type, body] = made[pathname] ?? ['text/javascript', await readFile(locate(pathname), 'utf8')];
  return [type, type === 'text/javascript' ? resolveSpecifiers(body) : body];
}

// Below `/copy`, the package is a second time, with modules of its own, as a bundle would have it.
// `pathname` has its dot segments resolved, so a path below one of the folders stays there.
function locate(pathname: string): URL {
  const [, path] = /^(?:\/copy)?(\/(?:dist|node_modules)\/.+\.js)$/.exec(pathname) ?? [];
  if (!path) throw new Error('Not served');
  return new URL(`.${path}`, repository);
}

function resolveSpecifiers(module: string): string {
  return module.replaceAll(
    /\b(from\s*|import\s*\(?)(['"])([^'"./][^'"]*)\2/g,
    (statement, keyword: string, _quote, specifier: string) => {
      const path = packages[specifier];
      return path ? `${keyword}'${path}'` : statement;
    },
  );
}
