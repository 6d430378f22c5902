import { expect, test } from 'vitest';
import { startAuthorizationServer } from '../../examples/authorization-server/startAuthorizationServer.mjs';
import { runNode } from './runNode.js';

test(
  'the expiry example tells each transition and each second, and ends by itself',
  { timeout: 60_000 },
  async () => {
    const server = await startAuthorizationServer({ accessTokenLifetime: 8 });
    try {
      const { code, output, errors } = await runNode(['examples/observe-expiry/main.mjs', server.issuer]);
      expect({ code, errors }).toEqual({ code: 0, errors: '' });

      const statuses = output.match(/^(absent|fresh|expiring)/gm) ?? [];
      const transitions = statuses.filter((status, index) => status !== statuses[index - 1]);
      expect(transitions).toEqual(['absent', 'fresh', 'expiring', 'fresh']);
      expect(new Set(output.match(/^ {2}\d s left$/gm)).size).toBeGreaterThan(2);
      expect(output.trimEnd().endsWith('Refreshed in time.')).toBe(true);
      expect(server.counters.refreshes).toBe(1);
    } finally {
      await server.close();
    }
  },
);
