import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  startAuthorizationServer,
  type AuthorizationServer,
} from '../../examples/authorization-server/startAuthorizationServer.mjs';

describe('the authorization server of the examples', () => {
  let server: AuthorizationServer;

  beforeAll(async () => {
    server = await startAuthorizationServer();
  });
  afterAll(() => server.close());

  async function refresh(refreshToken: string): Promise<Record<string, unknown>> {
    const body = new URLSearchParams({
      client_id: server.clientId,
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
    });
    const response = await fetch(server.tokenEndpoint, { method: 'POST', body });
    const answer: Record<string, unknown> = await response.json();
    return answer;
  }

  test('mints tokens its own resource accepts', async () => {
    const { access_token, expires_in } = await server.mintTokens();
    const response = await fetch(server.userinfoEndpoint, {
      headers: { authorization: `Bearer ${access_token}` },
    });
    expect(response.status).toBe(200);
    expect(expires_in).toBe(5);
  });

  test('rotates the refresh token', async () => {
    const { refresh_token } = await server.mintTokens();
    const answer = await refresh(refresh_token);
    expect(answer['access_token']).toEqual(expect.any(String));
    expect(answer['refresh_token']).not.toBe(refresh_token);
    expect(server.counters.presentations.get(refresh_token)).toBe(1);
  });

  test('revokes the family when a refresh token is used twice, even at once', async () => {
    const { refresh_token } = await server.mintTokens();
    const before = server.counters.revokedFamilies;
    const answers = await Promise.all([refresh(refresh_token), refresh(refresh_token)]);
    expect(answers.filter(({ error }) => error === 'invalid_grant')).toHaveLength(1);
    const winner = answers.find(({ error }) => error === undefined);
    await expect(refresh(String(winner?.['refresh_token']))).resolves.toMatchObject({
      error: 'invalid_grant',
    });
    expect(server.counters.revokedFamilies).toBe(before + 1);
  });

  test('refuses everything issued before revokeAll', async () => {
    const { refresh_token } = await server.mintTokens();
    await server.revokeAll();
    await expect(refresh(refresh_token)).resolves.toMatchObject({ error: 'invalid_grant' });
  });
});
