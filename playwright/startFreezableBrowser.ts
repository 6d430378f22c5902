import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type BrowserContext, chromium, type LaunchOptions, type Page } from '@playwright/test';

/** A browser whose pages can be frozen. */
export interface FreezableBrowser {
  readonly context: BrowserContext;
  /** Freezes a page, as the browser does with tabs in the background: no timer fires, no task runs. */
  freeze(page: Page): Promise<void>;
  /** Brings a page to the front, which wakes it. */
  wake(page: Page): Promise<void>;
  /** Where it keeps what it stores. */
  readonly profile: string;
  /** Kills all of its processes, and keeps the profile. */
  kill(): Promise<void>;
  /** Ends it, and removes the profile. */
  close(): Promise<void>;
}

/**
 * Starts Chromium by hand: Playwright's own way of launching it keeps every page visible, and visible pages are
 * never frozen.
 */
export async function startFreezableBrowser(
  { executablePath, args = [], chromiumSandbox }: LaunchOptions,
  usedProfile?: string,
): Promise<FreezableBrowser> {
  const profile = usedProfile ?? (await mkdtemp(join(tmpdir(), 'shelflife-frozen-')));
  const own = ['--headless=new', '--remote-debugging-port=0', '--no-first-run', `--user-data-dir=${profile}`];
  const sandbox = chromiumSandbox ? [] : ['--no-sandbox'];
  const browserProcess = spawn(executablePath!, [...own, ...sandbox, ...args, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    // A group of its own, to end all of it.
    detached: true,
  });
  const exit = once(browserProcess, 'exit');
  const kill = async (): Promise<void> => {
    process.kill(-browserProcess.pid!, 'SIGKILL');
    await exit;
  };
  const endProcess = async (): Promise<void> => {
    await kill();
    await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  };
  try {
    const browser = await chromium.connectOverCDP(await addressToldOn(browserProcess.stderr), {
      noDefaults: true,
    });
    // A new context would get the defaults all the same.
    const context = browser.contexts()[0]!;
    const foreground = context.pages()[0] ?? (await context.newPage());
    return {
      context,
      profile,
      kill,
      async freeze(page) {
        await foreground.bringToFront();
        await page.waitForFunction(() => document.visibilityState === 'hidden');
        const frozen = await page.evaluateHandle(() => {
          const state = { frozen: false };
          document.addEventListener('freeze', () => (state.frozen = true), { once: true });
          return state;
        });
        const protocol = await context.newCDPSession(page);
        await protocol.send('Page.setWebLifecycleState', { state: 'frozen' });
        while (!(await frozen.evaluate((state) => state.frozen)));
        await protocol.detach();
      },
      async wake(page) {
        await page.bringToFront();
        const protocol = await context.newCDPSession(page);
        await protocol.send('Page.setWebLifecycleState', { state: 'active' });
        await protocol.detach();
      },
      async close() {
        await browser.close();
        await endProcess();
      },
    };
  } catch (error) {
    await endProcess();
    throw error;
  }
}

async function addressToldOn(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface(output)) {
    const [, address] = /^DevTools listening on (ws:.*)$/.exec(line) ?? [];
    if (!address) continue;
    // What it says later is of no interest, but must not fill the pipe.
    output.resume();
    return address;
  }
  throw new Error('The browser ended before it said where it listens.');
}
