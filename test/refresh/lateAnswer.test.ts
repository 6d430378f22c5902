import { expect, test } from 'vitest';
import {
  createCredentialStore,
  type CredentialsInput,
  memoryBackend,
  TimeoutError,
} from '../../src/index.js';

const expired = { access_token: 'old', refresh_token: 'r1', issued_at: new Date(0), expires_in: 60 };

/** Two contexts on one storage: backend objects of their own, which share values and leases. */
function twoContexts(answer: () => Promise<CredentialsInput>, refreshTimeout: number) {
  const shared = memoryBackend();
  const asked: string[] = [];
  const [first, second] = [
    createCredentialStore({
      storage: { ...shared },
      refreshTimeout,
      refresh: () => {
        asked.push('first');
        return answer();
      },
    }).entry(),
    createCredentialStore({
      storage: { ...shared },
      refresh: async () => {
        asked.push('second');
        return { access_token: 'second', expires_in: 3600 };
      },
    }).entry(),
  ];
  return { first, second, asked };
}

test('an answer on its way keeps the lease, so that nobody else sends the same refresh token', async () => {
  let answer!: (tokens: CredentialsInput) => void;
  const late = new Promise<CredentialsInput>((resolve) => (answer = resolve));
  const { first, second, asked } = twoContexts(() => late, 500);
  await first.set(expired);
  await expect(first.refresh()).rejects.toBeInstanceOf(TimeoutError);
  const token = second.getAccessToken();
  // Without the lease it would have asked long before.
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(asked).toEqual(['first']);
  answer({ access_token: 'late', refresh_token: 'r2', expires_in: 3600 });
  expect(await token).toBe('late');
  expect(asked).toEqual(['first']);
});

test('an answer that never comes keeps the lease no longer than as long again', async () => {
  const { first, second, asked } = twoContexts(() => new Promise(() => {}), 30);
  await first.set(expired);
  await expect(first.refresh()).rejects.toBeInstanceOf(TimeoutError);
  expect(await second.getAccessToken()).toBe('second');
  expect(asked).toEqual(['first', 'second']);
});
