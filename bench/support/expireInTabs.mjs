import { setTimeout as delay } from 'node:timers/promises';
import { openBrowser } from './openPage.mjs';
import { startTokenServer } from './startTokenServer.mjs';

/** How long the token still lives when all tabs have been told to watch it, in seconds. */
const lifetime = 4;
/** How long after the expiry the tabs may go on with what they do. */
const afterwards = 4000;

/**
 * Opens tabs that keep one session by the same client, lets it expire, and tells how many requests that took and how
 * long after the answer the last tab had the new token, in milliseconds.
 */
export async function expireInTabs(way, tabs, options) {
  const server = await startTokenServer();
  const browser = await openBrowser(`expiry-${way}.mjs`, { ...options, answer: answerFor(server) });
  try {
    const pages = [];
    for (let tab = 0; tab < tabs; tab += 1) pages.push(await browser.openPage());
    const expiresAt = Date.now() + lifetime * 1000;
    await pages[0].evaluate((settings) => globalThis.signIn(settings), { expiresAt, url: server.url });
    await Promise.all(
      pages.map((page) =>
        page.evaluate((settings) => globalThis.measure(settings), { expiresAt, url: server.url }),
      ),
    );
    await delay(expiresAt - Date.now() + afterwards);
    const heard = await Promise.all(pages.map((page) => page.evaluate(() => globalThis.heardAt)));
    const late = heard.filter((at) => at === undefined).length;
    return {
      requests: server.counts.requests,
      without: late,
      spread: Math.max(0, ...heard.map((at) => (at ?? 0) - (server.counts.firstAnsweredAt ?? 0))),
    };
  } finally {
    await browser.close();
    server.close();
  }
}

/** Clients that look for the endpoints of their server find them beside the page. */
function answerFor(server) {
  return (request, response) => {
    if (!request.url?.includes('/.well-known/')) return response.writeHead(404).end();
    const issuer = `http://${request.headers.host}`;
    const metadata = { issuer, token_endpoint: server.url, authorization_endpoint: `${issuer}/authorize` };
    return response.setHeader('content-type', 'application/json').end(JSON.stringify(metadata));
  };
}
