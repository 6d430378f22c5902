import { test as base, type BrowserContext, type CDPSession, type Page } from '@playwright/test';
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from '../examples/authorization-server/startAuthorizationServer.mjs';
import type * as fetchModule from '../src/fetch/index.js';
import type * as core from '../src/index.js';
import type * as encryptedModule from '../src/encrypted/index.js';
import type * as indexedDBModule from '../src/storage/indexeddb.js';
import type * as localStorageModule from '../src/storage/local-storage.js';
import { startModuleServer } from './startModuleServer.js';
import { type Passage, startTokenGate, type TokenGate } from './startTokenGate.js';

export { expect } from '@playwright/test';

declare global {
  /** The built package, in every page and worker of these tests. */
  var shelflife: typeof core &
    typeof indexedDBModule &
    typeof localStorageModule &
    typeof fetchModule &
    typeof encryptedModule;
}

interface TestFixtures {
  /** Opens one more page with the package in it. */
  readonly openPage: (context?: BrowserContext) => Promise<Page>;
  /** Chromium's own protocol for a page. */
  readonly protocolOf: (page: Page) => Promise<CDPSession>;
  /** A real one, with rotation and reuse detection, whose access tokens live for three seconds. */
  readonly authorizationServer: AuthorizationServer;
  /** Puts a gate in front of it. */
  readonly openGate: (passage: Passage) => Promise<TokenGate>;
}

interface WorkerFixtures {
  /** Where the built package is served. */
  readonly origin: string;
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  origin: [
    // eslint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures here
    async ({}, use) => {
      const server = await startModuleServer();
      await use(server.origin);
      await server.close();
    },
    { scope: 'worker' },
  ],

  openPage: async ({ context: ownContext, origin }, use) => {
    await use(async (context = ownContext) => {
      const page = await context.newPage();
      await page.goto(origin);
      await libraryOf(page);
      return page;
    });
  },

  // eslint-disable-next-line no-empty-pattern
  protocolOf: async ({}, use) => {
    await use((page) => page.context().newCDPSession(page));
  },

  // eslint-disable-next-line no-empty-pattern
  authorizationServer: async ({}, use) => {
    const server = await startAuthorizationServer({ accessTokenLifetime: 3 });
    await use(server);
    await server.close();
  },

  openGate: async ({ authorizationServer }, use) => {
    const gates: TokenGate[] = [];
    await use(async (passage) => {
      const gate = await startTokenGate(authorizationServer, passage);
      gates.push(gate);
      return gate;
    });
    await Promise.all(gates.map((gate) => gate.close()));
  },
});

/** Waits for the package to be there, after a navigation. */
export async function libraryOf(page: Page): Promise<void> {
  await page.waitForFunction(() => 'shelflife' in globalThis);
}
