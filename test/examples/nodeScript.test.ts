import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  startAuthorizationServer,
  type AuthorizationServer,
} from '../../examples/authorization-server/startAuthorizationServer.mjs';
import { knownTokens } from './knownTokens.js';
import { runNode } from './runNode.js';

describe('the Node script', { timeout: 60_000 }, () => {
  let server: AuthorizationServer;
  let directory: string;

  beforeEach(async () => {
    server = await startAuthorizationServer({ accessTokenLifetime: 600 });
    directory = await mkdtemp(join(tmpdir(), 'shelflife-node-script-'));
  });
  afterEach(async () => {
    await server.close();
    await rm(directory, { recursive: true, force: true });
  });

  const run = () => runNode(['examples/node-script/main.mjs', server.issuer, directory]);

  test('signs in once, and reads its tokens in a later run', async () => {
    const first = await run();
    expect(first).toMatchObject({ code: 0, errors: '' });
    expect(first.output).toContain('signing in');
    expect(first.output).toContain('Hello, Ada Lovelace.');

    const second = await run();
    expect(second).toMatchObject({ code: 0, errors: '' });
    expect(second.output).toContain('An earlier run kept credentials');
    expect(second.output).toContain('Hello, Ada Lovelace.');
    expect(second.output).not.toContain('signing in');
    expect(server.counters.refreshes).toBe(0);
  });

  test('refreshes its tokens, once, in a run after they have expired', async () => {
    await server.close();
    server = await startAuthorizationServer({ accessTokenLifetime: 6 });
    await run();
    await delay(6000);
    const next = await run();
    expect(next).toMatchObject({ code: 0, errors: '' });
    expect(next.output).toContain('refreshing');
    expect(next.output).toContain('Hello, Ada Lovelace.');
    expect(server.counters.refreshes).toBe(1);
    expect([...server.counters.presentations.values()]).toEqual([1]);
  });

  test('signs in again when the session has ended at the server', async () => {
    await run();
    await server.revokeAll();
    const next = await run();
    expect(next).toMatchObject({ code: 0, errors: '' });
    expect(next.output).toContain('The session has ended at the server: signing in again.');
    expect(next.output).toContain('Hello, Ada Lovelace.');
  });

  test('prints no token', async () => {
    const first = await run();
    const tokens = await knownTokens(directory);
    expect(tokens.length).toBeGreaterThanOrEqual(2);
    for (const token of tokens) expect(first.output + first.errors).not.toContain(token);
  });

  test('says so, and fails, when the server does not answer', async () => {
    const { issuer } = server;
    await server.close();
    const failed = await runNode(['examples/node-script/main.mjs', issuer, directory]);
    server = await startAuthorizationServer();
    expect(failed.code).toBe(1);
    expect(failed.errors).toContain(`The authorization server at ${issuer} does not answer.`);
  });
});
