import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Page } from '@playwright/test';
import type { AuthorizationServer } from '../examples/authorization-server/startAuthorizationServer.mjs';

interface Answer {
  readonly status: number;
  readonly body: string;
  /** The page stores the tokens in it, but never hears of that, and so keeps the lease. */
  readonly stopsAfterCommit?: boolean;
}

/** What becomes of a request: the answer that its sender gets, or `undefined` where it never gets one. */
export type Passage = (forward: () => Promise<Answer>) => Promise<Answer | undefined>;

interface Stopped {
  readonly sender: Page;
  /** What its sender was answered, if anything. */
  readonly accessToken: string | undefined;
}

/** Stands between the pages and the token endpoint. */
export interface TokenGate {
  /** The server as one page is to see it. */
  serverFor(page: Page): AuthorizationServer;
  /** Stops the next request: resolves with the page that sent it, once its passage is done. */
  stopNext(): Promise<Stopped>;
  close(): Promise<void>;
}

/**
 * Lets the requests that it is told to stop through by the rules of `passage`, and all others freely.
 * (Requests that Playwright holds won't do here: Chromium sends them when their page is closed.)
 */
export async function startTokenGate(server: AuthorizationServer, passage: Passage): Promise<TokenGate> {
  const pages: Page[] = [];
  const waiting: ((stopped: Stopped) => void)[] = [];

  const pass = async (request: IncomingMessage): Promise<Answer | undefined> => {
    const parameters = await text(request);
    const forward = async (): Promise<Answer> => {
      const response = await fetch(server.tokenEndpoint, {
        method: 'POST',
        body: new URLSearchParams(parameters),
      });
      return { status: response.status, body: await response.text() };
    };
    const resolve = waiting.shift();
    if (!resolve) return forward();
    const answer = await passage(forward);
    const { access_token: accessToken } = JSON.parse(answer?.body ?? '{}') as { access_token?: string };
    resolve({ sender: pages[Number(request.url?.slice(1))]!, accessToken });
    return answer;
  };
  const gate = createServer((request, response) => {
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-expose-headers', 'stops-after-commit');
    response.setHeader('content-type', 'application/json');
    pass(request).then(
      (answer) => {
        if (!answer) return;
        if (answer.stopsAfterCommit) response.setHeader('stops-after-commit', 'yes');
        response.writeHead(answer.status).end(answer.body);
      },
      () => response.destroy(),
    );
  });
  gate.listen(0, '127.0.0.1');
  await once(gate, 'listening');
  const { port } = gate.address() as AddressInfo;

  return {
    serverFor(page) {
      const number = pages.push(page) - 1;
      return { ...server, tokenEndpoint: `http://127.0.0.1:${port}/${number}` };
    },
    stopNext: () => new Promise((resolve) => waiting.push(resolve)),
    async close() {
      gate.close();
      gate.closeAllConnections();
      await once(gate, 'close');
    },
  };
}
