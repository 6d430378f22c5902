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

/** Stands between the pages and the token endpoint. */
export interface TokenGate {
  /** The server as one page is to see it. */
  serverFor(page: Page): AuthorizationServer;
  /** The next page that sends a refresh token for the first time, once the passage of its request is done. */
  nextSender(): Promise<Page>;
  /** From now on everything passes. */
  open(): void;
  close(): Promise<void>;
}

/**
 * Lets the first request with each refresh token through by the rules of `passage`, and what is sent again freely.
 * (Requests that Playwright holds won't do here: Chromium sends them when their page is closed.)
 */
export async function startTokenGate(server: AuthorizationServer, passage: Passage): Promise<TokenGate> {
  const pages: Page[] = [];
  const known = new Set<string>();
  const senders: Page[] = [];
  const waiting: ((sender: Page) => void)[] = [];
  let isOpen = false;

  const pass = async (request: IncomingMessage): Promise<Answer | undefined> => {
    const parameters = await text(request);
    const forward = async (): Promise<Answer> => {
      const response = await fetch(server.tokenEndpoint, {
        method: 'POST',
        body: new URLSearchParams(parameters),
      });
      return { status: response.status, body: await response.text() };
    };
    const token = new URLSearchParams(parameters).get('refresh_token') ?? '';
    if (isOpen || known.has(token)) return forward();
    known.add(token);
    const answer = await passage(forward);
    const sender = pages[Number(request.url?.slice(1))]!;
    const resolve = waiting.shift();
    if (resolve) resolve(sender);
    else senders.push(sender);
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
    nextSender() {
      const sender = senders.shift();
      return sender ? Promise.resolve(sender) : new Promise((resolve) => waiting.push(resolve));
    },
    open() {
      isOpen = true;
    },
    async close() {
      gate.close();
      gate.closeAllConnections();
      await once(gate, 'close');
    },
  };
}
