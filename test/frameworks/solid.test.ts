import { createEffect, createRoot, from } from 'solid-js';
import { expect, test } from 'vitest';
import { anHour, openSession, passAnHour } from './openSession.js';

test('from has the value at once, each transition once, and lets go with its root', async () => {
  const session = await openSession();
  const seen: (string | undefined)[] = [];
  const dispose = createRoot((disposeRoot) => {
    const expiry = from(session.entry.expiry);
    expect(expiry()?.status).toBe('fresh');
    createEffect(() => void seen.push(expiry()?.status));
    return disposeRoot;
  });
  await passAnHour(session);
  expect(seen).toEqual(anHour);
  dispose();
  expect(session.armed()).toBe(0);
});
