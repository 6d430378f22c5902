import { chromium, type Browser, type Page } from '@playwright/test';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  startAuthorizationServer,
  type AuthorizationServer,
} from '../../examples/authorization-server/startAuthorizationServer.mjs';
import { startPageServer, type PageServer } from '../../examples/spa/startPageServer.mjs';
import { launchOptions } from './launchOptions.js';

describe('the single-page app', { timeout: 60_000 }, () => {
  let server: AuthorizationServer;
  let pages: PageServer;
  let browser: Browser;

  beforeAll(async () => {
    server = await startAuthorizationServer({ accessTokenLifetime: 8 });
    pages = await startPageServer({ issuer: server.issuer, clientId: server.clientId, leeway: 3 });
    browser = await chromium.launch(launchOptions);
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await pages.close();
    await server.close();
  });

  async function open(): Promise<Page> {
    const page = await browser.newPage();
    await page.goto(pages.origin);
    return page;
  }

  test('signs in by authorization code, and takes the code out of the address', async () => {
    const page = await open();
    await signIn(page);
    expect(page.url()).toBe(`${pages.origin}/`);
    await page.getByText('fresh', { exact: true }).first().waitFor();
    expect(await page.locator('#time-left').textContent()).toMatch(/^[1-8] s$/);
    await page.context().close();
  });

  test('is still signed in after a reload, without a new sign-in', async () => {
    const page = await open();
    await signIn(page);
    await page.reload();
    await page.getByText('Signed in as Ada Lovelace.').waitFor();
    expect(await page.locator('#log').textContent()).not.toContain('signed in');
    await page.context().close();
  });

  test('refreshes its tokens before they expire', async () => {
    const page = await open();
    await signIn(page);
    const before = server.counters.refreshes;
    const expiresAt = await page.locator('#expires-at').textContent();
    await page.waitForFunction(
      (shown) => document.getElementById('expires-at')?.textContent !== shown,
      expiresAt,
      { timeout: 20_000 },
    );
    expect(server.counters.refreshes).toBeGreaterThan(before);
    expect(server.counters.refusals).toBe(0);
    expect(await page.getByRole('alert').isVisible()).toBe(false);
    await page.context().close();
  });

  test('tells that the session has ended at the server, and offers to sign in', async () => {
    const page = await open();
    await signIn(page);
    await server.revokeAll();
    await page.getByRole('button', { name: 'Refresh now' }).click();
    await page.getByRole('alert').filter({ hasText: 'RefreshRejectedError' }).waitFor();
    await signIn(page);
    expect(await page.getByRole('alert').isVisible()).toBe(false);
    await page.context().close();
  });

  test('keeps nothing after signing out', async () => {
    const page = await open();
    await signIn(page);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(await page.getByText('absent', { exact: true }).first().isVisible()).toBe(true);
    await page.context().close();
  });
});

async function signIn(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('Signed in as Ada Lovelace.').waitFor();
}
