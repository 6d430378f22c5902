import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const driverPath = '/usr/bin/WebKitWebDriver';
const displayServerPath = '/usr/bin/Xvfb';
const browserPath = '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser';

/** Why WebKit can't be driven here; `undefined` where it can. */
export function missingForWebKit(): string | undefined {
  const missing = [driverPath, displayServerPath, browserPath].find((path) => !existsSync(path));
  return missing && `${missing} is not installed (Debian: webkit2gtk-driver, xvfb)`;
}

/** A tab of a WebKit browser. Only one tab can be talked to at a time: calls queue. */
export interface WebKitTab {
  goTo(address: string): Promise<void>;
  reload(): Promise<void>;
  /** What an asynchronous function gives in the page. It is sent as source: it knows nothing but its argument. */
  evaluate<Argument, Result>(
    work: (argument: Argument) => Result | Promise<Result>,
    argument: Argument,
  ): Promise<Result>;
}

export interface WebKitBrowser {
  openTab(): Promise<WebKitTab>;
  close(): Promise<void>;
}

/** Starts WebKitGTK's browser, driven by plain W3C WebDriver requests, on a display of its own. */
export async function startWebKit(): Promise<WebKitBrowser> {
  const home = await mkdtemp(join(tmpdir(), 'shelflife-webkit-'));
  const display = await startDisplay();
  const port = await freePort();
  // Not `pipe`: the browser would inherit it, and may outlive the driver. A group of its own, to end all of it.
  const driver = spawn(driverPath, [`--port=${port}`], {
    stdio: 'ignore',
    detached: true,
    env: { ...process.env, DISPLAY: display.name, HOME: home, XDG_RUNTIME_DIR: home },
  });

  const end = async (): Promise<void> => {
    await endGroup(driver);
    await endGroup(display.server);
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const request = requester(`http://127.0.0.1:${port}`);
    const session = await createSession(request, driver);
    return {
      openTab: tabOpener(session),
      async close() {
        try {
          await session.end();
        } finally {
          await end();
        }
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

type Request = (method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) => Promise<unknown>;

function requester(base: string): Request {
  return async (method, path, body) => {
    const response = await fetch(`${base}${path}`, {
      method,
      signal: AbortSignal.timeout(20_000),
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const { value } = (await response.json()) as { value: unknown };
    if (!response.ok) throw new Error(`WebKitWebDriver refused ${method} ${path}: ${JSON.stringify(value)}`);
    return value;
  };
}

interface Session {
  readonly request: Request;
  end(): Promise<void>;
}

async function createSession(request: Request, driver: ChildProcess): Promise<Session> {
  while (driver.exitCode === null) {
    if (await request('GET', '/status').catch(() => undefined)) break;
    await delay(20);
  }
  const { sessionId } = (await request('POST', '/session', {
    capabilities: {
      alwaysMatch: { 'webkitgtk:browserOptions': { binary: browserPath, args: ['--automation'] } },
    },
  })) as { sessionId: string };
  const base = `/session/${sessionId}`;
  return {
    request: (method, path, body) => request(method, `${base}${path}`, body),
    end: async () => void (await request('DELETE', base)),
  };
}

function tabOpener({ request }: Session): () => Promise<WebKitTab> {
  let last: Promise<unknown> = Promise.resolve();
  let isFirstUsed = false;

  const openTab = async (): Promise<string> => {
    if (!isFirstUsed) {
      isFirstUsed = true;
      return (await request('GET', '/window')) as string;
    }
    const { handle } = (await request('POST', '/window/new', { type: 'tab' })) as { handle: string };
    return handle;
  };
  const queue = <T>(work: () => Promise<T>): Promise<T> => {
    const result = last.then(work);
    last = result.catch(() => {});
    return result;
  };

  return async () => {
    const handle = await queue(openTab);
    const inTab: Request = (method, path, body) =>
      queue(async () => {
        await request('POST', '/window', { handle });
        return request(method, path, body);
      });
    return {
      goTo: async (address) => void (await inTab('POST', '/url', { url: address })),
      reload: async () => void (await inTab('POST', '/refresh', {})),
      async evaluate<Argument, Result>(
        work: (argument: Argument) => Result | Promise<Result>,
        argument: Argument,
      ) {
        const script = `
          const answer = arguments[1];
          Promise.resolve(arguments[0]).then(${work.toString()}).then(
            (result) => answer({ result }),
            (error) => answer({ error: String(error) }),
          );`;
        const { result, error } = (await inTab('POST', '/execute/async', { script, args: [argument] })) as {
          result?: unknown;
          error?: string;
        };
        if (error !== undefined) throw new Error(`In the page: ${error}`);
        return result as Result;
      },
    };
  };
}

async function startDisplay(): Promise<{ readonly name: string; readonly server: ChildProcess }> {
  const server = spawn(
    displayServerPath,
    ['-displayfd', '3', '-nolisten', 'tcp', '-screen', '0', '800x600x24'],
    {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
      detached: true,
    },
  );
  // Xvfb chooses a free display, and says which.
  const [number] = (await once(server.stdio[3]!, 'data', { signal: AbortSignal.timeout(20_000) })) as [
    Buffer,
  ];
  return { name: `:${String(number).trim()}`, server };
}

async function endGroup(leader: ChildProcess): Promise<void> {
  const ended = leader.exitCode === null && leader.signalCode === null && once(leader, 'exit');
  try {
    process.kill(-leader.pid!, 'SIGKILL');
  } catch {
    // It ended by itself, with all that it started.
  }
  await ended;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
